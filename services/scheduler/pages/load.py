"""The coming seven days by hour: what is planned against what agents can take, and which calls that is."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import AwareDatetime

from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Scenario
from services.scheduler.handlers.in_force import rules_to_read
from services.scheduler.pages import words
from services.scheduler.pages.load_chart import chart
from services.scheduler.pages.load_view import Week
from services.scheduler.rules import Rules
from services.scheduler.store import workload
from services.scheduler.store.workload import Wanted

READERS = roles(Role.SUPERVISOR, Role.ADMIN)
LOOKED_BACK = timedelta(days=7)
MOST_CALLS = 100
_HOUR = timedelta(hours=1)
_Choice = Annotated[str, Query(max_length=64)]

router = GuardedRouter()


@router.get("/load", access=READERS)
async def load(request: Request, scenario: _Choice = "", skill: _Choice = "") -> Response:
    """Asked again every few seconds by the page itself."""
    runtime = runtime_of(request)
    now = await runtime.now()
    async with runtime.reading() as connection:
        rules = await rules_to_read(connection)
        wanted = _wanted(rules, scenario, skill)
        week = Week(rules, now, wanted)
        pending = await workload.pending_calls(connection, zone=rules.operator_zone.key, now=now, until=week.ends)
        released = await workload.released_calls(connection, since=week.current, skills=rules.capacity.skills)
        backlog = await workload.backlog(connection, wanted, now)
        missed = await workload.missed(connection, wanted, since=now - LOOKED_BACK, now=now)
    view = week.view(pending, released)
    return render(
        request, "load.html", now=now, view=view, backlog=backlog, missed=missed, wanted=wanted,
        most=max((line.open for line in backlog), default=0), chart=chart(view.bars),
        skills=rules.capacity.skills, scenarios=list(Scenario), words=words,
    )  # fmt: skip


@router.get("/load/calls", access=READERS)
async def calls(
    request: Request, hour: AwareDatetime | None = None, scenario: _Choice = "", skill: _Choice = ""
) -> Response:
    """The calls of one hour; without an hour those that are already certain to miss their deadline."""
    runtime = runtime_of(request)
    now = await runtime.now()
    async with runtime.reading() as connection:
        rules = await rules_to_read(connection)
        wanted, week = _wanted(rules, scenario, skill), Week(rules, now, _wanted(rules, scenario, skill))
        if hour is not None and not week.current <= hour < week.ends:
            raise Problem(404, _("这个小时不在未来 7 天内"), _("请从负荷页选择一个小时。"))
        begins = datetime(1970, 1, 1, tzinfo=UTC) if hour is None or hour == week.current else hour
        found = await workload.calls_between(
            connection, wanted, begins=begins, ends=week.ends if hour is None else hour + _HOUR,
            late_at=now if hour is None else None, limit=MOST_CALLS,
        )  # fmt: skip
    return render(request, "load_calls.html", now=now, hour=hour, calls=found, most=MOST_CALLS, words=words)


def _wanted(rules: Rules, scenario: str, skill: str) -> Wanted:
    """What is not known is not asked about."""
    return Wanted(
        scenario=scenario if scenario in set(Scenario) else None,
        skill=skill if skill in rules.capacity.skills else None,
    )
