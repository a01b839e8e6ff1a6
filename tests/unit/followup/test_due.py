from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.workdays import calendar
from services.followup.due import UnknownDuePolicy, Urgency, Workdays

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = Workdays(calendar("CN"), ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_two_working_days_end_at_six_on_the_second() -> None:
    assert DAYS.due_at("working_days:2", at("2026-11-18T10:24")) == at("2026-11-20T18:00")


def test_a_weekend_does_not_count() -> None:
    assert DAYS.due_at("working_days:1", at("2026-11-20T19:00")) == at("2026-11-23T18:00")


def test_the_national_holiday_does_not_count_and_a_make_up_day_does() -> None:
    assert DAYS.due_at("working_days:1", at("2026-09-30T12:00")) == at("2026-10-08T18:00")
    assert DAYS.due_at("working_days:2", at("2026-10-08T12:00")) == at("2026-10-10T18:00")  # a worked Saturday


@pytest.mark.parametrize(
    "policy", ["", "working_days", "working_days:0", "working_days:61", "days:2", "working_days:x"]
)
def test_an_unknown_policy_is_named(policy: str) -> None:
    with pytest.raises(UnknownDuePolicy):
        DAYS.due_at(policy, at("2026-11-18T10:00"))


def test_the_callback_is_asked_for_four_working_hours_before() -> None:
    made = at("2026-11-18T10:18")
    assert DAYS.ask_at(at("2026-11-20T18:00"), made) == at("2026-11-20T14:00")
    assert DAYS.ask_at(at("2026-11-23T11:00"), made) == at("2026-11-20T16:00")
    assert DAYS.ask_at(made + timedelta(hours=1), made) == made


def test_a_missed_due_time_still_gets_a_deadline() -> None:
    now = at("2026-11-20T18:30")
    assert DAYS.deadline(at("2026-11-20T18:00"), now) == at("2026-11-23T18:00")
    assert DAYS.deadline(at("2026-11-24T18:00"), now) == at("2026-11-24T18:00")


def test_urgency_follows_the_local_day() -> None:
    now = at("2026-11-18T13:00")
    assert DAYS.urgency(at("2026-11-18T12:00"), now) is Urgency.OVERDUE
    assert DAYS.urgency(at("2026-11-18T18:00"), now) is Urgency.TODAY
    assert DAYS.urgency(at("2026-11-20T18:00"), now) is Urgency.SOON
    assert DAYS.urgency(at("2026-11-24T18:00"), now) is Urgency.LATER


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 9),
)
def test_more_working_days_are_never_due_earlier(start: datetime, n: int) -> None:
    first, second = DAYS.due_at(f"working_days:{n}", start), DAYS.due_at(f"working_days:{n + 1}", start)
    assert start < first < second
