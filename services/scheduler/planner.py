"""Which minute is the best one: the smallest of (deadline missed, soft bans broken, outside preference, start).

The order is SC3: hard > deadline > soft ban > preference > early. Pure: the same arguments give the same slot.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.scheduler.local_hours import LocalSpan
from services.scheduler.windows import HardRules, Interval, IsWorkday, Window, lawful_starts, local_days, spans_of

GRID = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

DEADLINE_MISSED = "deadline_missed"
SOFT_BAN = "soft_ban"
OUTSIDE_PREFERENCE = "outside_preference"

NOTHING_LEFT = "no lawful start is left before not-after"
BUDGET_USED = "the contact budget is used until after the last lawful start"
_LAST_HOUR = 23


@dataclass(frozen=True)
class Question:
    """Everything a plan depends on."""

    window: Window
    earliest: datetime
    """Nothing starts before it: the moment of planning, the delay of a retry, an agreed time."""
    zone: ZoneInfo
    hard: HardRules
    is_workday: IsWorkday
    soft_bans: tuple[LocalSpan, ...] = ()
    preferences: tuple[LocalSpan, ...] = ()
    own_hours: tuple[int, ...] = ()
    """Hours of the day in which this customer answered before: they take the place of the preferences, on every day."""
    budget_free_at: datetime | None = None
    """When the contact budget lets this person be contacted again; None: now."""

    @property
    def begins(self) -> datetime:
        held = (self.earliest, self.window.not_before, self.budget_free_at)
        return max(instant for instant in held if instant is not None)


@dataclass(frozen=True)
class Slot:
    start: datetime
    deadline_missed: bool
    bans_broken: int
    outside_preference: bool

    @property
    def cost(self) -> tuple[bool, int, bool, datetime]:
        return (self.deadline_missed, self.bans_broken, self.outside_preference, self.start)

    @property
    def breaks_nothing(self) -> bool:
        return not (self.deadline_missed or self.bans_broken or self.outside_preference)

    @property
    def broken(self) -> tuple[str, ...]:
        """The rules that yielded, hardest first."""
        levels = (
            (DEADLINE_MISSED, self.deadline_missed),
            (SOFT_BAN, self.bans_broken > 0),
            (OUTSIDE_PREFERENCE, self.outside_preference),
        )
        return tuple(name for name, broken in levels if broken)


@dataclass(frozen=True)
class Plan:
    """The best slot (None: no lawful start is left) and for each rule it broke why no slot kept it."""

    slot: Slot | None
    reasons: tuple[str, ...]


def plan(question: Question) -> Plan:
    """The best start on the 5-minute grid between `earliest`, not-before and not-after."""
    best: Slot | None = None
    for slot in _candidates(question):
        if best is None or slot.cost < best.cost:
            best = slot
        if best.breaks_nothing:
            break  # whatever comes is later
    if best is None:
        return Plan(None, (_none_left(question),))
    return Plan(best, tuple(_reason(rule, best) for rule in best.broken))


def on_grid(instant: datetime) -> datetime:
    """The first point of the grid at or after `instant`."""
    return _EPOCH + -(-(instant - _EPOCH) // GRID) * GRID


def _candidates(question: Question) -> Iterator[Slot]:
    """The first start of each stretch of equal rules, in order: inside a stretch nothing is better than its first."""
    begins, ends = question.begins, question.window.not_after
    first, deadline = on_grid(begins), question.window.deadline
    for day in local_days(begins, ends, question.zone):
        for stretch in _stretches(question, day):
            start = max(stretch.begins, first)
            if start <= stretch.last and start <= ends:
                yield Slot(start, start > deadline, stretch.bans, stretch.outside_preference)


@dataclass(frozen=True)
class Stretch:
    """Lawful starts of one day, from one point of the grid to another (both included), with the same rules broken."""

    begins: datetime
    last: datetime
    bans: int
    outside_preference: bool


def _stretches(question: Question, day: date) -> tuple[Stretch, ...]:
    if question.own_hours:
        liked = hours_as_spans(question.own_hours)
    else:
        liked = question.preferences if question.is_workday(day) else ()
    return stretches_of(day, question.zone.key, question.hard, question.soft_bans, liked)


@lru_cache(maxsize=65536)
def stretches_of(
    day: date, zone: str, hard: HardRules, bans: tuple[LocalSpan, ...], liked: tuple[LocalSpan, ...]
) -> tuple[Stretch, ...]:
    """A day's lawful starts, split where a soft ban or a preferred span begins or ends."""
    lawful = lawful_starts(day, hard, ZoneInfo(zone))
    if lawful is None:
        return ()
    avoided, preferred = spans_of(day, bans, ZoneInfo(zone)), spans_of(day, liked, ZoneInfo(zone))
    edges = {edge for span in (*avoided, *preferred) for edge in (span.begins, span.ends)}
    points = sorted({on_grid(edge) for edge in edges if lawful.begins < edge <= lawful.ends} | {on_grid(lawful.begins)})
    lasts = [*(point - GRID for point in points[1:]), lawful.ends]
    return tuple(
        Stretch(point, last, _covering(avoided, point), not _covering(preferred, point))
        for point, last in zip(points, lasts, strict=True)
        if point <= last
    )


@lru_cache(maxsize=1024)
def hours_as_spans(hours: tuple[int, ...]) -> tuple[LocalSpan, ...]:
    """Whole hours of the day, 0 to 22, each as a span."""
    return tuple(LocalSpan(begins=time(hour), ends=time(hour + 1)) for hour in hours if hour < _LAST_HOUR)


def _covering(spans: Iterable[Interval], start: datetime) -> int:
    return sum(span.begins <= start < span.ends for span in spans)


def _none_left(question: Question) -> str:
    free = question.budget_free_at
    if free is not None and plan(replace(question, budget_free_at=None)).slot is not None:
        return BUDGET_USED
    return NOTHING_LEFT


def _reason(rule: str, best: Slot) -> str:
    kept = [name for name in (DEADLINE_MISSED, SOFT_BAN) if name not in best.broken and name != rule]
    if rule == DEADLINE_MISSED:
        return "no lawful start lies before the deadline"
    among = "lawful start after the deadline" if best.deadline_missed else "lawful start before the deadline"
    if rule == SOFT_BAN:
        return f"every {among} breaks a soft ban"
    return f"no {among}{' outside the soft bans' if SOFT_BAN in kept else ''} lies inside the preference"
