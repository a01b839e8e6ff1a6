"""A comparison as rows of pairs: what the terminal, the page and the file show, and as JSON."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.scheduler.simulate.comparison import Comparison, Load, Side
from services.scheduler.simulate.intervals import Width


@dataclass(frozen=True)
class Pair:
    """One figure as it was and as it would have been; `limit`: what it is held against under the proposed policy."""

    label: str
    before: float | None
    after: float | None
    limit: float | None = None

    @property
    def top(self) -> float:
        return max(self.before or 0.0, self.after or 0.0, self.limit or 0.0)

    @property
    def over(self) -> bool:
        return self.limit is not None and (self.after or 0.0) > self.limit


@dataclass(frozen=True)
class SkillLoad:
    """`hours`: busiest calls of each hour of the day against that hour's capacity; `over`: hours above capacity."""

    skill: str
    calls: Pair
    over: Pair
    used: Pair
    """Calls of the span as a share of what agents could take."""
    hours: Sequence[Pair]


def skill_loads(comparison: Comparison, zone: ZoneInfo) -> list[SkillLoad]:
    before, after = _by_skill(comparison.before), _by_skill(comparison.after)
    return [_skill_load(skill, before[skill], after[skill], zone) for skill in sorted({*before, *after})]


def days(comparison: Comparison, zone: ZoneInfo) -> list[Pair]:
    """Calls of each day on the operator's clock."""
    before, after = _by_day(comparison.before, zone), _by_day(comparison.after, zone)
    return [Pair(f"{day:%m-%d}", before.get(day, 0), after.get(day, 0)) for day in sorted({*before, *after})]


def missed(comparison: Comparison) -> list[Pair]:
    """Missed windows by scenario."""
    before, after = comparison.before.missed, comparison.after.missed
    return [Pair(name, before.get(name, 0), after.get(name, 0)) for name in sorted({*before, *after})]


@dataclass(frozen=True)
class WidthPair:
    stratum: str
    before: Width | None
    after: Width | None

    @property
    def mean(self) -> Pair:
        return Pair(self.stratum, _of(self.before, "mean"), _of(self.after, "mean"))

    @property
    def share(self) -> Pair:
        return Pair(self.stratum, _of(self.before, "share"), _of(self.after, "share"))


def _of(width: Width | None, name: Literal["mean", "share"]) -> float | None:
    if width is None:
        return None
    return width.mean if name == "mean" else width.share


def widths(comparison: Comparison) -> list[WidthPair]:
    """Every stratum of either policy, and all together at the end."""
    before = {one.stratum: one for one in comparison.before.widths}
    after = {one.stratum: one for one in comparison.after.widths}
    found = [WidthPair(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]
    whole = comparison.before.overall
    return [*found, WidthPair(whole.stratum, whole, comparison.after.overall)]


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Everything, with every hour; instants in ISO 8601."""
    plain: dict[str, Any] = _plain(asdict(comparison))
    plain["changed"] = len(comparison.changed)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _by_skill(side: Side) -> defaultdict[str, list[Load]]:
    found: defaultdict[str, list[Load]] = defaultdict(list)
    for one in side.load:
        found[one.skill].append(one)
    return found


def _skill_load(skill: str, before: Sequence[Load], after: Sequence[Load], zone: ZoneInfo) -> SkillLoad:
    busiest = [_busiest(before, zone), _busiest(after, zone)]
    return SkillLoad(
        skill=skill,
        calls=Pair(skill, sum(one.calls for one in before), sum(one.calls for one in after)),
        over=Pair(skill, sum(one.over for one in before), sum(one.over for one in after)),
        used=Pair(skill, _used(before), _used(after), 1.0),
        hours=[
            Pair(
                f"{hour:02d}:00",
                busiest[0][hour].calls if hour in busiest[0] else 0,
                busiest[1][hour].calls if hour in busiest[1] else 0,
                busiest[1][hour].capacity if hour in busiest[1] else 0,
            )
            for hour in sorted({*busiest[0], *busiest[1]})
        ],
    )


def _busiest(loads: Sequence[Load], zone: ZoneInfo) -> dict[int, Load]:
    """Of each hour of the day the one with the most calls beyond, or nearest to, its capacity."""
    found: dict[int, Load] = {}
    for one in loads:
        hour = one.hour.astimezone(zone).hour
        best = found.get(hour)
        if best is None or (one.calls - one.capacity, one.calls) > (best.calls - best.capacity, best.calls):
            found[hour] = one
    return found


def _used(loads: Sequence[Load]) -> float | None:
    room = sum(one.capacity for one in loads)
    return sum(one.calls for one in loads) / room if room else None


def _by_day(side: Side, zone: ZoneInfo) -> dict[date, int]:
    found: defaultdict[date, int] = defaultdict(int)
    for one in side.load:
        if one.calls:
            found[one.hour.astimezone(zone).date()] += one.calls
    return found
