"""May a permit whose time has come be released? Suppression, window, budget and capacity decide, in this order."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contracts.vocabulary import Channel, SuppressionScope
from services.scheduler.budget import Budgets
from services.scheduler.callback import Callback, Permit, PermitKind
from services.scheduler.capacity import hour_of
from services.scheduler.contact import subjects
from services.scheduler.rules import Rules
from services.scheduler.windows import is_lawful

_SCOPES = {
    Channel.PHONE: SuppressionScope.PHONE,
    Channel.IVR: SuppressionScope.PHONE,
    Channel.SMS: SuppressionScope.SMS,
    Channel.EMAIL: SuppressionScope.EMAIL,
}
_HOUR = timedelta(hours=1)


class Ruling(StrEnum):
    RELEASE = "release"
    OUTSIDE_HOURS = "outside_hours"
    """Not now; plan again from `until` on."""
    LATE = "late"
    SUPPRESSED = "suppressed"
    CHANNEL_SUPPRESSED = "channel_suppressed"
    BUDGET = "budget"
    CAPACITY = "capacity"


@dataclass(frozen=True)
class Decision:
    ruling: Ruling
    until: datetime | None = None


@dataclass
class Room:
    """What is left of the hour, while permits of one pass take from it."""

    rules: Rules
    now: datetime
    released: Counter[str]
    """Calls released since the hour began, by skill."""
    allowed: dict[str, int] = field(default_factory=dict)
    """Calls of the whole hour, by skill, once asked for."""

    def take(self, skill: str) -> bool:
        if self.released[skill] >= self._allowed(skill):
            return False
        self.released[skill] += 1
        return True

    def _allowed(self, skill: str) -> int:
        if skill not in self.allowed:
            zone, is_workday = self.rules.operator_zone, self.rules.calendar.is_workday
            self.allowed[skill] = self.rules.capacity.releases(skill, hour_of(self.now), zone, is_workday)
        return self.allowed[skill]


def decide(
    rules: Rules,
    callback: Callback,
    permit: Permit,
    *,
    now: datetime,
    suppressed: Mapping[str, Collection[str]],
    budgets: Budgets,
    room: Room,
) -> Decision:
    """`suppressed`: the scopes under which each subject may not be contacted. Takes from budget and room on release."""
    blocked = blocked_scopes(callback, suppressed)
    if SuppressionScope.ALL in blocked:
        return Decision(Ruling.SUPPRESSED)
    if scope_of(permit.channel) in blocked:
        return Decision(Ruling.CHANNEL_SUPPRESSED)
    if now > permit.last_start:
        return Decision(Ruling.LATE)
    if not is_lawful(now, hard=rules.hard[callback.scenario], zone=ZoneInfo(callback.zone)):
        return Decision(Ruling.OUTSIDE_HOURS, now)
    return _within_limits(rules, callback, permit, now=now, budgets=budgets, room=room)


def _within_limits(
    rules: Rules, callback: Callback, permit: Permit, *, now: datetime, budgets: Budgets, room: Room
) -> Decision:
    person = callback.person
    rule = rules.house.budget
    if callback.counted_at is None and not callback.passes_budget:
        used = budgets.used(person, now=now, rule=rule)
        if used.free_at is not None:
            return Decision(Ruling.BUDGET, used.free_at)
    # a promised minute is kept whatever the load; messages need no agent
    if permit.channel is Channel.PHONE and permit.kind is not PermitKind.AGREED and not room.take(permit.skill):
        return Decision(Ruling.CAPACITY, hour_of(now) + _HOUR)
    if callback.counted_at is None:
        budgets.count(person, now)
    return Decision(Ruling.RELEASE)


def blocked_scopes(callback: Callback, suppressed: Mapping[str, Collection[str]]) -> set[str]:
    """Scopes in which this customer, or anyone with the same number or address, may not be contacted."""
    names = subjects(callback.phone_index, callback.email_index, callback.customer_ref)
    return {scope for name in names for scope in suppressed.get(name, ())}


def scope_of(channel: Channel) -> SuppressionScope:
    """The wish that closes this channel, besides one about everything."""
    return _SCOPES[channel]
