"""May a permit whose time has come be released? Suppression, window, budget and capacity decide, in this order."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from contracts.vocabulary import Channel, Scenario, SuppressionScope
from services.scheduler.budget import Budgets
from services.scheduler.callback import Callback, Permit, PermitKind
from services.scheduler.capacity import hour_of
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


RELEASE = Decision(Ruling.RELEASE)


class Leave(NamedTuple):
    """A permit that goes: whose budget it uses, and whether its callback is counted there by this release."""

    callback_id: str
    permit_no: int
    person: str
    counts: bool


class Due(NamedTuple):
    """A permit whose time has come, as it was seen before anything was locked. One of many thousands in a pass."""

    callback_id: str
    permit_no: int
    customer_ref: str
    channel: str
    kind: str
    skill: str
    due_at: datetime
    seen: int
    """The version of its row: the same under the locks, when nothing of it changed meanwhile."""
    subjects: tuple[str, ...] | list[str]
    """As of `Ripe`."""
    counts: bool | None
    """As of its notice; None: no notice holds, and only whoever loads the callback can release it."""

    @property
    def person(self) -> str:
        return self.subjects[0]

    @property
    def shared(self) -> Sequence[str]:
        return self.subjects[:-1]

    @property
    def takes_room(self) -> bool:
        """A promised minute is kept whatever the load; messages need no agent."""
        return self.channel == Channel.PHONE and self.kind != PermitKind.AGREED

    def leave(self) -> Leave:
        return Leave(self.callback_id, self.permit_no, self.person, self.counts is True)


class Ripe(NamedTuple):
    """A permit whose time has come, as far as its release depends on it."""

    callback_id: str
    permit_no: int
    subjects: tuple[str, ...]
    """Everything under which its customer may have asked not to be contacted, the customer last; the first is whose
    budget is used."""
    scenario: Scenario
    zone: str
    channel: Channel
    kind: PermitKind
    skill: str
    last_start: datetime
    counted: bool
    """Was its callback released before? Then the budget is not asked."""
    passes_budget: bool
    noticed: bool = False
    """Was what its release tells made ahead, and does it still hold?"""

    @classmethod
    def of(cls, callback: Callback, permit: Permit) -> Self:
        return cls(
            permit.callback_id, permit.permit_no, callback.subjects, callback.scenario, callback.zone, permit.channel,
            permit.kind, permit.skill, permit.last_start, callback.counted_at is not None, callback.passes_budget,
        )  # fmt: skip

    @property
    def person(self) -> str:
        """Whose contact budget it uses."""
        return self.subjects[0]

    @property
    def shared(self) -> tuple[str, ...]:
        """The number and the address: other customers may have the same."""
        return self.subjects[:-1]

    def leave(self) -> Leave:
        return Leave(self.callback_id, self.permit_no, self.person, not self.counted)


@dataclass
class Room:
    """The hour of one pass: whether its moment is lawful, and what is left while permits take from it."""

    rules: Rules
    now: datetime
    released: Counter[str]
    """Calls released since the hour began, by skill."""
    allowed: dict[str, int] = field(default_factory=dict)
    """Calls of the whole hour, by skill, once asked for."""
    lawful: dict[tuple[Scenario, str], bool] = field(default_factory=dict)
    """May contacts of a scenario start now on the clock of a zone? Once asked for."""

    def is_lawful(self, scenario: Scenario, zone: str) -> bool:
        place = scenario, zone
        if place not in self.lawful:
            self.lawful[place] = is_lawful(self.now, hard=self.rules.hard[scenario], zone=ZoneInfo(zone))
        return self.lawful[place]

    def has(self, skill: str, calls: int) -> bool:
        """Is there room for so many calls more?"""
        return self.released[skill] + calls <= self._allowed(skill)

    def take(self, skill: str) -> bool:
        if not self.has(skill, 1):
            return False
        self.released[skill] += 1
        return True

    def _allowed(self, skill: str) -> int:
        if skill not in self.allowed:
            zone, is_workday = self.rules.operator_zone, self.rules.calendar.is_workday
            self.allowed[skill] = self.rules.capacity.releases(skill, hour_of(self.now), zone, is_workday)
        return self.allowed[skill]


def unhindered(due: Sequence[Due], room: Room) -> list[Due]:
    """Those with a notice of which none can take anything from another of these: nobody else's permit is for the same
    person, and the hour has room for every call of their skill. Whether each breaks a rule of its own is still open."""
    permits_of = Counter(one.person for one in due)
    calls = Counter(one.skill for one in due if one.takes_room)
    roomy = {skill for skill, count in calls.items() if room.has(skill, count)}
    return [
        one
        for one in due
        if one.counts is not None and permits_of[one.person] == 1 and (not one.takes_room or one.skill in roomy)
    ]


def decide(
    ripe: Ripe, *, now: datetime, suppressed: Mapping[str, Collection[str]], budgets: Budgets, room: Room
) -> Decision:
    """`suppressed`: the scopes under which each subject may not be contacted. Takes from budget and room on release."""
    blocked = blocked_scopes(ripe.subjects, suppressed)
    if SuppressionScope.ALL in blocked:
        return Decision(Ruling.SUPPRESSED)
    if scope_of(ripe.channel) in blocked:
        return Decision(Ruling.CHANNEL_SUPPRESSED)
    if now > ripe.last_start:
        return Decision(Ruling.LATE)
    if not room.is_lawful(ripe.scenario, ripe.zone):
        return Decision(Ruling.OUTSIDE_HOURS, now)
    return _within_limits(ripe, now=now, budgets=budgets, room=room)


def _within_limits(ripe: Ripe, *, now: datetime, budgets: Budgets, room: Room) -> Decision:
    person = ripe.person
    if not ripe.counted and not ripe.passes_budget:
        used = budgets.used(person, now=now, rule=room.rules.house.budget)
        if used.free_at is not None:
            return Decision(Ruling.BUDGET, used.free_at)
    # a promised minute is kept whatever the load; messages need no agent
    if ripe.channel is Channel.PHONE and ripe.kind is not PermitKind.AGREED and not room.take(ripe.skill):
        return Decision(Ruling.CAPACITY, hour_of(now) + _HOUR)
    if not ripe.counted:
        budgets.count(person, now)
    return RELEASE


def blocked_scopes(names: Iterable[str], suppressed: Mapping[str, Collection[str]]) -> set[str]:
    """Scopes in which a customer with these subjects, or anyone with the same number or address, may not be
    contacted."""
    return {scope for name in names for scope in suppressed.get(name, ())}


def scope_of(channel: Channel) -> SuppressionScope:
    """The wish that closes this channel, besides one about everything."""
    return _SCOPES[channel]
