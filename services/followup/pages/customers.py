"""One view of a customer: every case of theirs, what was promised and what they suggested, and which cases belong
together."""

from typing import Annotated

from fastapi import Depends, Form, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.followup import actions
from services.followup.case import Case
from services.followup.due import workdays
from services.followup.pages.shown import shown
from services.followup.rights import READERS, WORKERS, sees_words, visible_department
from services.followup.states import Action, allows
from services.followup.store import cases, promises
from services.followup.words import DEPARTMENTS, PROBLEM_TYPES, PROMISE_STATES, STATES, problem_types, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]


@router.get("/customers/{customer_ref}", access=roles(*READERS))
async def show_customer(request: Request, customer_ref: str, person: Me) -> Response:
    runtime = runtime_of(request)
    now, days = await runtime.now(), workdays(runtime.settings)
    found = await _visible_cases(runtime, person, customer_ref)
    own = visible_department(person)
    async with runtime.reading() as connection:
        made = await promises.of_customers(connection, [customer_ref])
        if sees_words(person):
            await record(connection, person, action="read", subject=f"customer:{customer_ref}")
    rows = await shown(runtime, person, found, days, now)
    return render(
        request,
        "customer_cases.html",
        now=now,
        customer_ref=customer_ref,
        rows=rows,
        promises=[promise for promise in made if own in (None, promise.department)],
        leaders=[(one.case.case_id, f"{one.case.case_id} {one.title}") for one in rows if _mergeable(one.case)],
        mergeable={case.case_id for case in found if _mergeable(case)},
        may_work=person.role in WORKERS,
        word=word,
        types=problem_types,
        DEPARTMENTS=DEPARTMENTS,
        PROBLEM_TYPES=PROBLEM_TYPES,
        PROMISE_STATES=PROMISE_STATES,
        STATES=STATES,
    )


@router.post("/customers/{customer_ref}/merge", access=roles(*WORKERS))
async def merge(
    request: Request,
    customer_ref: str,
    person: Me,
    into: Annotated[str, Form()] = "",
    case_id: Annotated[list[str] | None, Form()] = None,
) -> Response:
    for one in case_id or []:
        if one != into:
            await actions.merge(runtime_of(request), person, one, into)
    return see_other(request, f"/followup/customers/{customer_ref}")


async def _visible_cases(runtime: Runtime, person: Person, customer_ref: str) -> list[Case]:
    """Raises `Problem` 404: a department that has nothing of the customer does not learn that others have."""
    own = visible_department(person)
    async with runtime.reading() as connection:
        found = await cases.of_customers(connection, [customer_ref])
    mine = [case for case in found if own in (None, case.department)]
    if not mine:
        raise Problem(404, _("没有这位客户的案件"))
    return sorted(mine, key=lambda case: case.opened_at)


def _mergeable(case: Case) -> bool:
    return allows(case.state, Action.MERGE) and case.leader is None
