"""Callbacks, permits and rules as the scheduler's rule modules meet them."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis.workdays import calendar
from contracts.vocabulary import Channel, ChannelReason, Priority, Scenario
from services.scheduler.callback import Callback, Permit, PermitKind
from services.scheduler.capacity import Capacity, Shift
from services.scheduler.policy_files import load_policies
from services.scheduler.rules import Rules

NOW = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
"""A Wednesday, 10:00 in Shanghai."""


def some_rules(*, calls: int = 60) -> Rules:
    shifts = tuple(
        Shift(skill=skill, begins=time(8), ends=time(22), working_day=calls, other_day=calls)
        for skill in ("general", "senior")
    )
    return Rules(load_policies(), Capacity(shifts=shifts), calendar("CN"), ZoneInfo("Asia/Shanghai"))


def a_callback(**fields: Any) -> Callback:
    """After sale, within its first hour, with telephone and e-mail."""
    begins = NOW - timedelta(hours=1)
    values: dict[str, Any] = {
        "callback_id": "cb-1", "completion_ref": "co-1", "customer_ref": "cu-1", "source": "crm", "service_id": "S-1",
        "scenario": Scenario.AFTER_SALE, "not_before": begins, "deadline": begins + timedelta(hours=24),
        "not_after": begins + timedelta(hours=48), "priority": Priority.ORDINARY, "skill": "general",
        "zone": "Asia/Shanghai", "in_design": True, "opened_at": NOW, "phone_index": "p" * 64, "email_index": "e" * 64,
    }  # fmt: skip
    return Callback(**{**values, **fields})


def a_permit(**fields: Any) -> Permit:
    values: dict[str, Any] = {
        "callback_id": "cb-1", "permit_no": 1, "customer_ref": "cu-1", "channel": Channel.PHONE,
        "channel_reason": ChannelReason.POLICY, "due_at": NOW, "urgency": NOW, "skill": "general",
        "kind": PermitKind.FIRST, "not_before": NOW, "last_start": NOW + timedelta(hours=24), "planned_at": NOW,
    }  # fmt: skip
    return Permit(**{**values, **fields})
