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
from services.scheduler.local_hours import HardHours, LocalSpan
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


def allowed_starts(
    begins: datetime, ends: datetime, *, hard: HardHours, longest: timedelta, zone: ZoneInfo
) -> list[Interval]:
    """Spans between `begins` and `ends` (both inclusive) in which a contact of at most `longest` may start (SC1)."""
    found = []
    for day in _local_days(begins, ends, zone):
        first, last = _hard_day(day, hard.opens, hard.closes, longest, zone.key)
        span = Interval(max(first, begins), min(last, ends))
        if span.begins <= span.ends:
            found.append(span)
    return found


@lru_cache(maxsize=4096)
def _hard_day(day: date, opens: time, closes: time, longest: timedelta, zone: str) -> tuple[datetime, datetime]:
    named = ZoneInfo(zone)
    return _instant(day, opens, named), _instant(day, closes, named) - longest


def soft_bans(begins: datetime, ends: datetime, spans: tuple[LocalSpan, ...], zone: ZoneInfo) -> list[Interval]:
    """Spans to avoid that touch [begins, ends]; their ends are exclusive."""
    return [
        _span(day, span, zone)
        for day in _local_days(begins, ends, zone)
        for span in spans
        if span.weekday is None or span.weekday == day.weekday()
    ]


def preferred(
    begins: datetime, ends: datetime, spans: tuple[LocalSpan, ...], zone: ZoneInfo, is_workday: IsWorkday
) -> list[Interval]:
    """Preferred spans on working days that touch [begins, ends]; their ends are exclusive."""
    return [
        _span(day, span, zone)
        for day in _local_days(begins, ends, zone)
        if is_workday(day)
        for span in spans
        if span.weekday is None or span.weekday == day.weekday()
    ]


def _span(day: date, span: LocalSpan, zone: ZoneInfo) -> Interval:
    return Interval(_instant(day, span.begins, zone), _instant(day, span.ends, zone))


def _local_days(begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[date]:
    day, last = begins.astimezone(zone).date(), ends.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


@lru_cache(maxsize=65536)
def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return instant_of(datetime.combine(day, wall), zone)
