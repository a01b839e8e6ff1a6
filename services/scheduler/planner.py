"""Which minute is the best one: the smallest of (deadline missed, soft bans broken, outside preference, start).

The order is SC3: hard > deadline > soft ban > preference > early. Pure: the same arguments give the same slot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.scheduler.house import House
from services.scheduler.windows import Interval, IsWorkday, Window, allowed_starts, preferred, soft_bans

GRID = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)

DEADLINE_MISSED = "deadline_missed"
SOFT_BAN = "soft_ban"
OUTSIDE_PREFERENCE = "outside_preference"


@dataclass(frozen=True)
class Question:
    """Everything a plan depends on."""

    window: Window
    earliest: datetime
    """Nothing starts before it: the moment of planning, the delay of a retry, the release of the budget."""
    zone: ZoneInfo
    longest: timedelta
    house: House
    is_workday: IsWorkday


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
    begins, ends = max(question.earliest, question.window.not_before), question.window.not_after
    starts = [] if begins > ends else _starts(question, begins, ends)
    slots = _slots(question, starts)
    best = min(slots, key=lambda slot: slot.cost, default=None)
    if best is None:
        return Plan(None, ("no lawful start is left before not-after",))
    return Plan(best, tuple(_reason(rule, best) for rule in best.broken))


def on_grid(instant: datetime) -> datetime:
    """The first point of the grid at or after `instant`."""
    return _EPOCH + -(-(instant - _EPOCH) // GRID) * GRID


def cost_of(question: Question, start: datetime) -> Slot:
    """What one start would break; says nothing of the hard hours."""
    return _slots(question, [start])[0]


def _starts(question: Question, begins: datetime, ends: datetime) -> list[datetime]:
    """Grid points of which one is the best: costs change at boundaries only, so the first point behind each will do."""
    zone, house = question.zone, question.house
    lawful = allowed_starts(begins, ends, hard=house.hard, longest=question.longest, zone=zone)
    spans = [
        *soft_bans(begins, ends, house.soft_bans, zone),
        *preferred(begins, ends, house.preferences, zone, question.is_workday),
    ]
    boundaries = {point for span in spans for point in (span.begins, span.ends)}
    boundaries |= {span.begins for span in lawful} | {question.window.deadline + _INSTANT}
    points = sorted({on_grid(boundary) for boundary in boundaries})
    return [point for point in points if any(span.begins <= point <= span.ends for span in lawful)]


def _slots(question: Question, starts: Sequence[datetime]) -> list[Slot]:
    if not starts:
        return []
    first, last = starts[0], starts[-1]
    bans = soft_bans(first, last, question.house.soft_bans, question.zone)
    liked = preferred(first, last, question.house.preferences, question.zone, question.is_workday)
    return [
        Slot(
            start=start,
            deadline_missed=start > question.window.deadline,
            bans_broken=_covering(bans, start),
            outside_preference=not _covering(liked, start),
        )
        for start in starts
    ]


def _covering(spans: Iterable[Interval], start: datetime) -> int:
    return sum(span.begins <= start < span.ends for span in spans)


def _reason(rule: str, best: Slot) -> str:
    kept = [name for name in (DEADLINE_MISSED, SOFT_BAN) if name not in best.broken and name != rule]
    if rule == DEADLINE_MISSED:
        return "no lawful start lies before the deadline"
    among = "lawful start after the deadline" if best.deadline_missed else "lawful start before the deadline"
    if rule == SOFT_BAN:
        return f"every {among} breaks a soft ban"
    return f"no {among}{' outside the soft bans' if SOFT_BAN in kept else ''} lies inside the preference"
