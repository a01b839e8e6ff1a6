"""When a contact may start: the scenario's window, the lawful hours of the customer's clock, spans to avoid or prefer.

Everything is on aware UTC instants; local time appears only while a wall time is turned into an instant.
A wall time inside a gap of the clock (spring) is its first valid instant, one that happens twice (autumn) its first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from chassis.zones import instant_of
from services.scheduler.house import House
from services.scheduler.local_hours import Blackout, HardHours, LocalSpan
from services.scheduler.policy import Clock, ScenarioPolicy

IsWorkday = Callable[[date], bool]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A first attempt after `deadline` is a miss; nothing starts after `not_after`."""

    not_before: datetime
    deadline: datetime
    not_after: datetime


@dataclass(frozen=True)
class Interval:
    """`begins` is part of it; whether `ends` is, its maker says."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Clocks:
    """What a window can be counted from; only the completion is always known."""

    completed_at: datetime
    handled_at: datetime | None = None
    registered_at: datetime | None = None
    last_act_at: datetime | None = None

    def of(self, clock: Clock) -> datetime | None:
        found = {
            Clock.COMPLETED: self.completed_at,
            Clock.HANDLED: self.handled_at,
            Clock.REGISTERED: self.registered_at,
            Clock.LAST_ACT: self.last_act_at,
        }
        return found[clock]


def counted_from(policy: ScenarioPolicy, clocks: Clocks) -> datetime:
    """The instant of the scenario's own clock; where it is not known, the completion (SC2)."""
    return clocks.of(policy.window.clock) or clocks.completed_at


def window(policy: ScenarioPolicy, start: datetime) -> Window:
    """The scenario's window, counted from `start`."""
    rule = policy.window
    deadline = start + timedelta(hours=rule.deadline_hours)
    return Window(
        not_before=start + timedelta(hours=rule.not_before_hours),
        deadline=deadline,
        not_after=deadline + timedelta(hours=rule.grace_hours),
    )


@dataclass(frozen=True)
class HardRules:
    """What no contact may break: the hours of the customer's day, with room for the longest contact, and blackouts."""

    hours: HardHours
    longest: timedelta
    blackouts: tuple[Blackout, ...] = ()


def hard_rules(house: House, policy: ScenarioPolicy) -> HardRules:
    return HardRules(house.hard, policy.longest, (*house.blackouts, *policy.blackouts))


def allowed_starts(begins: datetime, ends: datetime, *, hard: HardRules, zone: ZoneInfo) -> list[Interval]:
    """Spans between `begins` and `ends` (both inclusive) in which a contact may start (SC1)."""
    found = []
    for day in local_days(begins, ends, zone):
        lawful = lawful_starts(day, hard, zone)
        if lawful is None:
            continue
        span = Interval(max(lawful.begins, begins), min(lawful.ends, ends))
        if span.begins <= span.ends:
            found.append(span)
    return found


def is_lawful(instant: datetime, *, hard: HardRules, zone: ZoneInfo) -> bool:
    """May a contact start at this moment?"""
    lawful = lawful_starts(instant.astimezone(zone).date(), hard, zone)
    return lawful is not None and lawful.begins <= instant <= lawful.ends


@lru_cache(maxsize=65536)
def lawful_starts(day: date, hard: HardRules, zone: ZoneInfo) -> Interval | None:
    """The starts of one local day, both ends inclusive; None: no contact on that day."""
    if any(blackout.covers(day) for blackout in hard.blackouts):
        return None
    opens, closes = _instant(day, hard.hours.opens, zone), _instant(day, hard.hours.closes, zone)
    return Interval(opens, closes - hard.longest) if opens <= closes - hard.longest else None


def spans_of(day: date, spans: tuple[LocalSpan, ...], zone: ZoneInfo) -> list[Interval]:
    """Those of the spans that lie on this local day; their ends are exclusive."""
    return [
        Interval(_instant(day, span.begins, zone), _instant(day, span.ends, zone))
        for span in spans
        if span.weekday is None or span.weekday == day.weekday()
    ]


def local_days(begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[date]:
    day, last = begins.astimezone(zone).date(), ends.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


@lru_cache(maxsize=65536)
def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return instant_of(datetime.combine(day, wall), zone)
