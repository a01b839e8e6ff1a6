"""When a report is due: the calendar is the operator's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.publishing import ended, is_day_of_reports, next_morning

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def test_a_month_and_its_weeks_are_over_one_by_one() -> None:
    months = {"2026-10": 3}
    assert list(ended(months, datetime(2026, 10, 18, 15, 59, tzinfo=UTC), SHANGHAI)) == ["2026-W40", "2026-W41"]
    assert list(ended(months, datetime(2026, 10, 18, 16, tzinfo=UTC), SHANGHAI))[-1] == "2026-W42"
    over = list(ended(months, datetime(2026, 11, 2, tzinfo=UTC), SHANGHAI))
    assert over == ["2026-W40", "2026-W41", "2026-W42", "2026-W43", "2026-10", "2026-W44"]


def test_a_week_across_two_months_counts_the_changes_of_both() -> None:
    found = ended({"2026-10": 3, "2026-11": 4}, datetime(2026, 12, 1, tzinfo=UTC), SHANGHAI)
    assert {key: found[key][1] for key in ("2026-W44", "2026-W43", "2026-W45")} == {
        "2026-W43": 3, "2026-W44": 7, "2026-W45": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        (datetime(2026, 10, 1, 21, 59, tzinfo=UTC), SHANGHAI, datetime(2026, 10, 1, 22, tzinfo=UTC)),
        (datetime(2026, 10, 1, 22, tzinfo=UTC), SHANGHAI, datetime(2026, 10, 2, 22, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), BERLIN, datetime(2026, 10, 25, 5, tzinfo=UTC)),
        (datetime(2026, 10, 23, 12, tzinfo=UTC), BERLIN, datetime(2026, 10, 24, 4, tzinfo=UTC)),
    ],
)
def test_the_next_morning_is_six_by_the_operators_clock(now: datetime, zone: ZoneInfo, expected: datetime) -> None:
    assert next_morning(now, zone) == expected


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))  # noqa: DTZ001  made aware below
def test_the_next_morning_lies_ahead_by_at_most_twenty_five_hours(local: datetime) -> None:
    now = local.replace(tzinfo=UTC)
    assert 0 < (next_morning(now, BERLIN) - now).total_seconds() <= 25 * 3600


def test_reports_come_on_mondays_and_on_the_first_of_a_month() -> None:
    mornings = [datetime(2026, 10, 29, 22, tzinfo=UTC) + timedelta(days=n) for n in range(12)]
    on = [one.astimezone(SHANGHAI).date().isoformat() for one in mornings if is_day_of_reports(one, SHANGHAI)]
    assert on == ["2026-11-01", "2026-11-02", "2026-11-09"]
