"""Due times against the State Council's list for 2026, written down here apart from the library, and against the
provisional year 2027."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chassis.workdays import calendar
from services.followup.due import Workdays

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = Workdays(calendar("CN"), ZONE)
OFF_2026 = (
    ("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7),
)  # fmt: skip
"""First day and number of days of each holiday."""
WORKED_2026 = {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20)} | {
    date(2026, 10, 10)
}


def holidays() -> set[date]:
    return {date.fromisoformat(f"2026-{first}") + timedelta(days=n) for first, count in OFF_2026 for n in range(count)}


def is_worked(day: date) -> bool:
    return day in WORKED_2026 or (day.isoweekday() <= 5 and day not in holidays())


def close_of(day: date) -> datetime:
    return datetime.combine(day, time(18), ZONE)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_day_of_2026_leads_to_the_nth_working_day_of_the_published_list(n: int) -> None:
    wrong = []
    for offset in range(355):
        day = date(2026, 1, 1) + timedelta(days=offset)
        due = day
        for _ in range(n):
            due += timedelta(days=1)
            while not is_worked(due):
                due += timedelta(days=1)
        start = datetime.combine(day, time(11), ZONE)
        if DAYS.due_at(f"working_days:{n}", start) != close_of(due):
            wrong.append(day)
    assert wrong == []


@pytest.mark.parametrize("made_up", sorted(WORKED_2026))
def test_a_make_up_day_is_a_working_day_with_its_notice(made_up: date) -> None:
    due = close_of(made_up)
    assert DAYS.ask_at(due, due - timedelta(days=9)) == due - timedelta(hours=4)


def test_four_working_hours_before_the_first_morning_after_a_holiday_lie_before_it() -> None:
    first_morning = datetime(2026, 10, 8, 11, tzinfo=ZONE)
    assert DAYS.ask_at(first_morning, first_morning - timedelta(days=20)) == datetime(2026, 9, 30, 16, tzinfo=ZONE)


def test_2027_is_provisional_and_counts_statutory_days_without_make_up_days() -> None:
    assert DAYS.calendar.is_provisional(2027)
    assert not DAYS.calendar.is_provisional(2026)
    # the eve of the Spring Festival and its first days, a weekend among them
    assert DAYS.due_at("working_days:1", datetime(2027, 2, 4, 11, tzinfo=ZONE)) == close_of(date(2027, 2, 11))


def test_the_published_list_of_2027_moves_new_due_times_and_leaves_the_stored_ones(tmp_path: Path) -> None:
    start = datetime(2027, 2, 4, 11, tzinfo=ZONE)
    before = DAYS.due_at("working_days:1", start)
    table = tmp_path / "calendar.toml"
    table.write_text("holidays = [2027-02-11, 2027-02-12]\nworkdays = [2027-02-14]\npublished = [2027]\n")
    own = Workdays(calendar("CN", table), ZONE)
    assert own.due_at("working_days:1", start) == close_of(date(2027, 2, 14))
    assert before == close_of(date(2027, 2, 11))
    assert (DAYS.provisional_year(before), own.provisional_year(before)) == (2027, None)
    assert own.calendar.version != DAYS.calendar.version


def test_a_due_time_is_provisional_by_the_day_it_lies_on_in_the_operators_zone() -> None:
    assert DAYS.provisional_year(datetime(2026, 12, 31, 18, tzinfo=ZONE)) is None
    assert DAYS.provisional_year(datetime(2027, 1, 1, 1, tzinfo=ZONE)) == 2027
