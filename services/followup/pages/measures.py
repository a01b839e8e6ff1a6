"""Improvement measures: opened from a report's row, moved on here, shown in the next report."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request, Response
from pydantic import BaseModel

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.followup import measures
from services.followup.improvements import NEXT, Improvement, ImprovementState
from services.followup.measures import OPENERS, Wanted
from services.followup.rights import READERS, visible_department
from services.followup.store import improvements
from services.followup.words import DEPARTMENTS, IMPROVEMENT_STATES, named, word

router = GuardedRouter()
api = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]
MOVERS = (Role.SUPERVISOR, Role.ANALYST, Role.DEPARTMENT)
Text = Annotated[str, Form(max_length=5000)]


class ImprovementIn(BaseModel):
    period: str
    """A month such as 2026-10 or a week such as 2026-W47."""
    row: str
    """The row of that report that it answers."""
    measure: str
    owner: str
    due_on: str
    department: str = ""


class ImprovementOut(BaseModel):
    improvement_id: str
    revision: int
    period: str
    report_row: str
    measure: str
    department: str | None
    owner: str
    due_on: date
    state: ImprovementState
    opened_by: str
    opened_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, measure: Improvement) -> "ImprovementOut":
        return cls.model_validate({name: getattr(measure, name) for name in cls.model_fields})


class ImprovementList(BaseModel):
    improvements: list[ImprovementOut]


class StateIn(BaseModel):
    state: ImprovementState


@api.get("/improvements", access=roles(*READERS))
async def list_improvements(request: Request, person: Me, period: str | None = None) -> ImprovementList:
    """By date, the settled ones last; a department sees its own and those of nobody in particular."""
    async with runtime_of(request).reading() as connection:
        found = await improvements.listed(connection, period=period, department=visible_department(person))
    return ImprovementList(improvements=[ImprovementOut.of(one) for one in found])


@api.post("/improvements", access=roles(*OPENERS))
async def open_one(request: Request, body: ImprovementIn, person: Me) -> ImprovementOut:
    """The same measure for the same row twice is one."""
    return ImprovementOut.of(await measures.open_measure(runtime_of(request), person, Wanted(**body.model_dump())))


@api.post("/improvements/{improvement_id}/state", access=roles(*MOVERS))
async def move_one(request: Request, improvement_id: str, body: StateIn, person: Me) -> ImprovementOut:
    return ImprovementOut.of(await measures.move(runtime_of(request), person, improvement_id, body.state))


@router.get("/improvements", access=roles(*READERS))
async def show_measures(
    request: Request,
    person: Me,
    period: str = "",
    row: Annotated[str, Query(max_length=120)] = "",
    department: str = "",
) -> Response:
    """With `period` and `row` the form is filled in: this is where a report's row leads."""
    return await _page(request, person, period=period, given={"period": period, "row": row, "department": department})


@router.post("/improvements", access=roles(*OPENERS))
async def open_measure(
    request: Request,
    person: Me,
    period: Text = "",
    row: Text = "",
    measure: Text = "",
    owner: Text = "",
    due_on: Text = "",
    department: Text = "",
) -> Response:
    wanted = Wanted(period.strip(), row.strip(), measure, owner, due_on, department)
    try:
        await measures.open_measure(runtime_of(request), person, wanted)
    except Problem as problem:
        if problem.status_code != 422:
            raise
        wrong = {error["field"]: _wrong(error["rule"]) for error in problem.errors}
        return await _page(request, person, period="", given=asdict(wanted), errors=wrong)
    return see_other(request, f"/followup/improvements?period={wanted.period}")


@router.post("/improvements/{improvement_id}/state", access=roles(*MOVERS))
async def move(request: Request, improvement_id: str, person: Me, state: Annotated[str, Form()] = "") -> Response:
    await measures.move(runtime_of(request), person, improvement_id, state)
    return see_other(request, "/followup/improvements")


@router.post("/improvements/{improvement_id}/plan", access=roles(*MOVERS))
async def plan(request: Request, improvement_id: str, person: Me, owner: Text = "", due_on: Text = "") -> Response:
    await measures.reschedule(runtime_of(request), person, improvement_id, owner, due_on)
    return see_other(request, "/followup/improvements")


async def _page(
    request: Request, person: Person, *, period: str, given: dict[str, Any], errors: dict[str, str] | None = None
) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await improvements.listed(connection, period=period or None, department=visible_department(person))
    return render(
        request,
        "improvements.html",
        status_code=422 if errors else 200,
        now=await runtime.now(),
        rows=found,
        period=period,
        given=given,
        errors=errors or {},
        may_open=person.role in OPENERS,
        may_move=person.role in MOVERS,
        next_states={state.value: [(c, n) for c, n in named(IMPROVEMENT_STATES) if c in NEXT[state]] for state in NEXT},
        department_choices=[("", _("不限部门")), *named(DEPARTMENTS)],
        STATES=IMPROVEMENT_STATES,
        DEPARTMENTS=DEPARTMENTS,
        word=word,
    )


def _wrong(rule: str) -> str:
    return _("请填写这一项") if rule == "required" else _("这一项不符合要求")
