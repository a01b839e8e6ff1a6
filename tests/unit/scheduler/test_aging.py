from datetime import UTC, datetime, timedelta

import pytest

from contracts.vocabulary import Priority
from services.scheduler.callback import aging


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("hours", [1, 24, 48, 96])
def test_waiting_puts_each_permit_before_every_newcomer_while_half_of_its_window_is_left(
    priority: Priority, hours: int
) -> None:
    due = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
    last_start = due + timedelta(hours=hours)
    urgency = due + aging(due, last_start) * (priority - 1)
    newest_complaint = due + timedelta(hours=hours) / 2
    assert urgency <= newest_complaint


def test_a_long_window_lifts_by_a_class_a_day_and_a_closed_one_does_not_lift() -> None:
    due = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
    assert aging(due, due + timedelta(days=9)) == timedelta(days=1)
    assert aging(due, due - timedelta(hours=1)) == timedelta(0)
