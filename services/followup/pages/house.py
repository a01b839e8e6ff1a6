"""Who gets cases and letters: a page for supervisors, with what became of the letters."""

from typing import Annotated

from fastapi import Depends, Form, Request, Response

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.followup import housekeeping
from services.followup.housekeeping import ASSIGNMENTS, OTHERS
from services.followup.ladder import ladder
from services.followup.store import house, mail
from services.followup.words import DEPARTMENTS, LETTER_KINDS, LETTER_STATES, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]
KEEPERS = (Role.SUPERVISOR, Role.ADMIN)
SCOPES = {**DEPARTMENTS, **OTHERS}


@router.get("/house", access=roles(*KEEPERS))
async def show_house(request: Request, person: Me) -> Response:
    return await _page(request)


@router.post("/house/{scope}", access=roles(*KEEPERS))
async def save(
    request: Request,
    scope: str,
    person: Me,
    assignment: Annotated[str, Form()] = "manual",
    addresses: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    try:
        await housekeeping.save(runtime_of(request), person, scope, assignment, addresses)
    except Problem as problem:
        if problem.status_code != 422:
            raise
        return await _page(request, wrong=scope, given=addresses)
    return see_other(request, f"/followup/house#{scope}")


async def _page(request: Request, *, wrong: str | None = None, given: str = "") -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        known = await house.settings(connection)
        letters = await mail.latest(connection)
    return render(
        request,
        "house.html",
        status_code=422 if wrong else 200,
        now=await runtime.now(),
        scopes=SCOPES,
        known=known,
        departments=DEPARTMENTS,
        letters=letters,
        ladder=ladder(),
        assignments=[(code, _(name)) for code, name in ASSIGNMENTS.items()],
        wrong=wrong,
        given=given,
        word=word,
        LETTER_KINDS=LETTER_KINDS,
        LETTER_STATES=LETTER_STATES,
    )
