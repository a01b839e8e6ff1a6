"""What the load page shows, worked out from counts: hours × days, the run that is over capacity, today's chart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from chassis.zones import instant_of
from contracts.vocabulary import Priority
from services.scheduler.forecast import expected_misses
from services.scheduler.local_hours import LocalSpan
from services.scheduler.rules import Rules
from services.scheduler.store.workload import Load, Released, Wanted

DAYS = 7
HOURS = range(8, 22)
_STEPS = (0.3, 0.6, 0.85)
_HOUR = timedelta(hours=1)
_URGENT = (Priority.COMPLAINT, Priority.PROMISED)


@dataclass(frozen=True)
class Cell:
    hour: datetime
    planned: int
    capacity: int
    past: bool

    @property
    def over(self) -> bool:
        return not self.past and self.planned > self.capacity

    @property
    def step(self) -> int:
        """Of four by load: up to 30 %, 60 %, 85 %, 100 %."""
        return sum(self.planned > step * self.capacity for step in _STEPS)


@dataclass(frozen=True)
class HourRow:
    hour: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Day:
    noon: datetime
    today: bool
    worked: bool
    avoided: tuple[LocalSpan, ...]
    """Soft bans of this weekday."""


@dataclass(frozen=True)
class Overrun:
    """Hours one after another that ask for more than there is."""

    begins: datetime
    ends: datetime
    calls: int


@dataclass(frozen=True)
class Bar:
    hour: int
    urgent: int
    other: int
    capacity: int
    past: bool


@dataclass(frozen=True)
class LoadView:
    days: tuple[Day, ...]
    rows: tuple[HourRow, ...]
    overruns: tuple[Overrun, ...]
    bars: tuple[Bar, ...]
    planned: int
    capacity: int
    misses: int
    soft_bans: int
    outside_preference: int
    budget_waits: int
    budget_leaves: int


class Week:
    """The coming seven days on the operator's clock, of all skills and scenarios or of one."""

    def __init__(self, rules: Rules, now: datetime, wanted: Wanted) -> None:
        self._rules, self._now, self._wanted = rules, now, wanted
        local = now.astimezone(rules.operator_zone)
        self._today = local.date()
        self.current = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        """The hour that runs."""

    @property
    def ends(self) -> datetime:
        return self._hour(self._today + timedelta(days=DAYS), 0)

    def view(self, loads: Sequence[Load], released: Sequence[Released]) -> LoadView:
        """`loads` and `released` (since the current hour began) are those of all skills and scenarios: they share the
        agents, whatever is asked about."""
        asked = [load for load in loads if self._asked(load.ahead.skill, load.ahead.scenario)]
        calls = self._calls(asked, released)
        planned = Counter[datetime]()
        for (hour, _), count in calls.items():
            planned[hour] += count
        rows = tuple(
            HourRow(hour, tuple(self._cell(day, hour, planned) for day in self._dates)) for hour in self._hours(planned)
        )
        ahead = [cell for row in rows for cell in row.cells if not cell.past]
        return LoadView(
            days=tuple(self._day(day) for day in self._dates), rows=rows, overruns=_overruns(ahead),
            bars=tuple(self._bar(hour, calls) for hour in HOURS), planned=sum(planned.values()),
            capacity=sum(cell.capacity for cell in ahead), misses=self._misses(loads, released),
            soft_bans=sum(load.soft_bans for load in asked),
            outside_preference=sum(load.outside_preference for load in asked),
            budget_waits=sum(load.budget_waits for load in asked),
            budget_leaves=sum(load.budget_leaves for load in asked),
        )  # fmt: skip

    @property
    def _dates(self) -> list[date]:
        return [self._today + timedelta(days=number) for number in range(DAYS)]

    def _hours(self, planned: Counter[datetime]) -> list[int]:
        """The operator's day, and hours of the night in which customers of other zones are called."""
        return sorted({*HOURS, *(hour.astimezone(self._rules.operator_zone).hour for hour in planned)})

    def _asked(self, skill: str, scenario: str) -> bool:
        return self._wanted.skill in (None, skill) and self._wanted.scenario in (None, scenario)

    def _hour(self, day: date, hour: int) -> datetime:
        return instant_of(datetime.combine(day, time(hour)), self._rules.operator_zone)

    def _calls(self, loads: Sequence[Load], released: Sequence[Released]) -> Counter[tuple[datetime, bool]]:
        """By hour and whether it is urgent; what was released in the current hour belongs to it."""
        found = Counter[tuple[datetime, bool]]()
        for load in loads:
            found[load.ahead.hour, load.ahead.priority in _URGENT] += load.ahead.calls
        for one in released:
            if self._asked(one.skill, one.scenario):
                found[self.current, one.priority in _URGENT] += one.calls
        return found

    def _cell(self, day: date, hour: int, planned: Counter[datetime]) -> Cell:
        begins = self._hour(day, hour)
        return Cell(begins, planned[begins], self._capacity(begins), past=begins < self.current)

    def _capacity(self, hour: datetime) -> int:
        capacity = self._rules.capacity
        skills = capacity.skills if self._wanted.skill is None else (self._wanted.skill,)
        return sum(capacity.calls(skill, hour, self._rules.operator_zone, self._is_workday) for skill in skills)

    def _is_workday(self, day: date) -> bool:
        return self._rules.calendar.is_workday(day)

    def _day(self, day: date) -> Day:
        avoided = tuple(ban for ban in self._rules.house.soft_bans if ban.weekday == day.weekday())
        return Day(self._hour(day, 12), today=day == self._today, worked=self._is_workday(day), avoided=avoided)

    def _bar(self, hour: int, calls: Counter[tuple[datetime, bool]]) -> Bar:
        begins = self._hour(self._today, hour)
        return Bar(hour, calls[begins, True], calls[begins, False], self._capacity(begins), past=begins < self.current)

    def _misses(self, loads: Sequence[Load], released: Sequence[Released]) -> int:
        taken = Counter[str]()
        for one in released:
            taken[one.skill] += one.calls

        def room(skill: str, hour: datetime) -> int:
            most = self._rules.capacity.releases(skill, hour, self._rules.operator_zone, self._is_workday)
            return most - taken[skill] if hour == self.current else most

        hours = [self.current + _HOUR * number for number in range(int((self.ends - self.current) / _HOUR))]
        asked = [load.ahead for load in loads if self._wanted.skill in (None, load.ahead.skill)]
        missed = expected_misses(asked, hours, room)
        return missed.total() if self._wanted.scenario is None else missed[self._wanted.scenario]


def _overruns(cells: Sequence[Cell]) -> tuple[Overrun, ...]:
    """The cells over capacity as runs without a gap, in order."""
    over = sorted((cell for cell in cells if cell.over), key=lambda cell: cell.hour)
    runs = groupby(enumerate(over), key=lambda pair: pair[1].hour - _HOUR * pair[0])
    found = []
    for _, run in runs:
        part = [cell for _, cell in run]
        calls = sum(cell.planned - cell.capacity for cell in part)
        found.append(Overrun(part[0].hour, part[-1].hour + _HOUR, calls))
    return tuple(found)
