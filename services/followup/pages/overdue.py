"""The overdue board: what is late, the longest first, and how far up the ladder it has come."""

from collections import Counter
from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.pages import render, runtime_of, signed_in
from chassis.web.router import GuardedRouter, roles
from services.followup.due import workdays
from services.followup.ladder import next_move
from services.followup.pages.shown import shown
from services.followup.rights import READERS, visible_department
from services.followup.store import board
from services.followup.words import DEPARTMENTS, LEVELS, STATES, problem_types, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]
MOST = 300


@router.get("/overdue", access=roles(*READERS))
async def show_overdue(request: Request, person: Me, department: str | None = None) -> Response:
    runtime = runtime_of(request)
    now, days = await runtime.now(), workdays(runtime.settings)
    own = visible_department(person, department or None)
    async with runtime.reading() as connection:
        found = await board.overdue(connection, department=own, now=now, limit=MOST)
    rows = await shown(runtime, person, found, days, now)
    return render(
        request,
        "overdue.html",
        now=now,
        rows=rows,
        moves={case.case_id: next_move(case, days) for case in found},
        counts=Counter(case.department for case in found),
        department=own,
        departments=DEPARTMENTS if person.role is not Role.DEPARTMENT else {},
        DEPARTMENTS=DEPARTMENTS,
        LEVELS=LEVELS,
        states=STATES,
        types=problem_types,
        word=word,
    )
