from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.settings import SettingsError
from chassis.workdays import CLOSES, OPENS, Calendar, calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = calendar("CN")


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def a_table(folder: Path, content: str) -> Path:
    table = folder / "days.toml"
    table.write_text(content)
    return table


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-10-01", False),  # National Day, a Thursday
        ("2026-10-07", False),  # exchanged for Saturday 10 October
        ("2026-10-10", True),  # the make-up Saturday
        ("2026-10-11", False),
        ("2026-09-20", True),  # the make-up Sunday
        ("2026-10-12", True),
        ("2025-09-28", True),
    ],
)
def test_holidays_and_make_up_days_are_those_of_the_official_list(day: str, worked: bool) -> None:
    assert CHINA.is_workday(date.fromisoformat(day)) is worked


def test_a_year_after_the_last_official_list_is_provisional() -> None:
    assert not CHINA.is_provisional(2026)
    assert CHINA.is_provisional(2040)
    assert not calendar("DE").is_provisional(2040)


def test_two_working_days_over_the_national_holiday_count_the_make_up_saturday() -> None:
    assert CHINA.add_workdays(local("2026-09-30T15:00"), 3, SHANGHAI) == local("2026-10-10T15:00")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-12T14:30", "2026-10-14T14:30"),
        ("2026-10-12T22:00", "2026-10-14T18:00"),  # after closing: as at closing
        ("2026-10-13T03:00", "2026-10-14T18:00"),  # before opening: as at the closing before
        ("2026-10-17T11:00", "2026-10-20T18:00"),  # a Saturday: Monday and Tuesday, whole
    ],
)
def test_two_working_days_from_in_and_outside_working_time(start: str, end: str) -> None:
    assert CHINA.add_workdays(local(start), 2, SHANGHAI) == local(end)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-10-12T09:00", 9, "2026-10-12T18:00"),
        ("2026-10-12T16:00", 4, "2026-10-13T11:00"),
        ("2026-10-17T11:00", 1.5, "2026-10-19T10:30"),
        ("2026-10-13T11:00", -4, "2026-10-12T16:00"),  # four working hours before a promise is due
        ("2026-10-12T09:00", -4, "2026-10-10T14:00"),  # over Sunday into the make-up Saturday
        ("2026-10-12T20:00", -1, "2026-10-12T17:00"),
        ("2026-10-17T11:00", 0, "2026-10-17T11:00"),
    ],
)
def test_working_hours_go_forward_and_back_over_nights_and_days_off(start: str, hours: float, end: str) -> None:
    assert CHINA.add_working_hours(local(start), hours, SHANGHAI) == local(end)


def test_local_time_of_day_is_kept_over_a_change_of_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    end = calendar("DE").add_workdays(local("2026-03-27T10:00", berlin), 1, berlin)
    assert end == local("2026-03-30T10:00", berlin)
    assert end - local("2026-03-27T10:00", berlin).astimezone(UTC) == timedelta(hours=71)


def test_the_operators_table_adds_days_off_days_worked_and_published_years(tmp_path: Path) -> None:
    table = a_table(tmp_path, "holidays = [2026-10-14]\nworkdays = [2026-10-18]\npublished = [2027]\n")
    own = calendar("CN", table)
    assert not own.is_workday(date(2026, 10, 14))
    assert own.is_workday(date(2026, 10, 18))
    assert not own.is_provisional(2027)
    assert own.version != CHINA.version


@pytest.mark.parametrize(
    "content",
    [
        "holidays = ['soon']",
        "holidays = [2026-10-14]\nworkdays = [2026-10-14]",
        "weekend = [1, 2, 3, 4, 5, 6, 7]",
        "weekends = [7]",
        "holidays = [",
    ],
)
def test_a_table_that_does_not_hold_is_refused_by_name(tmp_path: Path, content: str) -> None:
    with pytest.raises(SettingsError, match=r"days\.toml"):
        calendar("CN", a_table(tmp_path, content))


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(SettingsError, match="AFTERCALL_CALENDAR_COUNTRY"):
        calendar("XX")


instants = st.datetimes(datetime(2020, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])
calendars = st.sampled_from([CHINA, calendar("DE")])


@given(calendars, instants, st.integers(1, 30), zones)
def test_the_nth_working_day_is_worked_at_that_time_and_n_days_away(
    days: Calendar, start: datetime, n: int, zone: ZoneInfo
) -> None:
    end = days.add_workdays(start, n, zone)
    assert end > start
    assert days.is_workday(end.astimezone(zone).date())
    assert OPENS <= end.astimezone(zone).time() <= CLOSES
    assert days.workdays_between(start, end, zone) == n
    assert days.workdays_between(end, start, zone) == -n


@given(calendars, instants, instants, st.integers(1, 10), zones)
def test_a_later_start_never_ends_earlier(days: Calendar, a: datetime, b: datetime, n: int, zone: ZoneInfo) -> None:
    first, second = sorted((a, b))
    assert days.add_workdays(first, n, zone) <= days.add_workdays(second, n, zone)
    assert days.add_working_hours(first, n, zone) <= days.add_working_hours(second, n, zone)


@given(calendars, instants, st.integers(1, 60 * 60), zones)
def test_working_hours_there_and_back_lead_to_the_start(
    days: Calendar, start: datetime, minutes: int, zone: ZoneInfo
) -> None:
    day = start.astimezone(zone).date()
    while not days.is_workday(day):
        day += timedelta(days=1)
    inside = datetime.combine(day, time(10, 30), tzinfo=zone).astimezone(UTC)
    there = days.add_working_hours(inside, minutes / 60, zone)
    assert abs(days.add_working_hours(there, -minutes / 60, zone) - inside) < timedelta(milliseconds=1)
