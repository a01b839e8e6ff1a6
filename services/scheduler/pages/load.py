"""The coming seven days by hour: what is planned against what agents can take."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response

from chassis.access.roles import Role
from chassis.web.pages import render, runtime_of
from chassis.web.router import GuardedRouter, roles
from services.scheduler.handlers.in_force import rules_to_read
from services.scheduler.pages import words
from services.scheduler.rules import Rules
from services.scheduler.store import workload

DAYS = 7
HOURS = range(8, 22)

router = GuardedRouter()


@dataclass(frozen=True)
class Cell:
    planned: int
    capacity: int
    past: bool

    @property
    def over(self) -> bool:
        return not self.past and self.planned > self.capacity


@dataclass(frozen=True)
class HourRow:
    hour: int
    cells: tuple[Cell, ...]


@router.get("/load", access=roles(Role.SUPERVISOR, Role.ADMIN))
async def load(request: Request) -> Response:
    now = await runtime_of(request).now()
    async with runtime_of(request).reading() as connection:
        rules = await rules_to_read(connection)
        begins = _midnight(rules, now)
        planned = await workload.planned_calls(connection, begins, begins + timedelta(days=DAYS + 1))
        backlog = await workload.backlog(connection)
    days = [begins + timedelta(days=number, hours=12) for number in range(DAYS)]
    rows = table(rules, now, begins, planned)
    cells = [cell for row in rows for cell in row.cells if not cell.past]
    return render(
        request,
        "load.html",
        now=now,
        days=days,
        rows=rows,
        backlog=backlog,
        planned=sum(cell.planned for cell in cells),
        capacity=sum(cell.capacity for cell in cells),
        over=sum(cell.over for cell in cells),
        words=words,
    )


def table(rules: Rules, now: datetime, begins: datetime, planned: Counter[datetime]) -> list[HourRow]:
    """Hours of the operator's clock × days; `planned` is keyed by the hour's first instant (UTC)."""
    return [
        HourRow(
            hour, tuple(_cell(rules, now, begins + timedelta(days=day, hours=hour), planned) for day in range(DAYS))
        )
        for hour in HOURS
    ]


def _cell(rules: Rules, now: datetime, hour: datetime, planned: Counter[datetime]) -> Cell:
    calls = sum(
        rules.capacity.calls(skill, hour, rules.operator_zone, rules.calendar.is_workday)
        for skill in rules.capacity.skills
    )
    return Cell(planned[hour], calls, past=hour + timedelta(hours=1) <= now)


def _midnight(rules: Rules, now: datetime) -> datetime:
    local = now.astimezone(rules.operator_zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)
