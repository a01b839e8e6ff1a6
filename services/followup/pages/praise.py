"""The wall of praise, by service team: what customers said without who they are, and what others may learn of it."""

from typing import Annotated

from fastapi import Depends, Form, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import ItemKind
from services.followup.actions import LONGEST
from services.followup.consent import safe
from services.followup.pages.libraries import Voice, voices_of
from services.followup.rights import READERS, sees_words, visible_department
from services.followup.store import items, practices
from services.followup.words import DEPARTMENTS, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]


@router.get("/praise", access=roles(*READERS))
async def show_praise(request: Request, person: Me, department: str | None = None) -> Response:
    return await _page(request, person, department)


@router.post("/praise/{item_id}/mark", access=roles(Role.SUPERVISOR))
async def mark(request: Request, item_id: str, person: Me, practice: Annotated[str, Form()] = "") -> Response:
    """Makes it an example, in the house's own words; without words it is one no longer."""
    text = practice.strip()
    if len(text) > LONGEST:
        return await _page(request, person, None, wrong=item_id)
    async with runtime_of(request).transaction() as tx:
        item = (await items.items(tx.connection, [item_id])).get(item_id)
        if item is None or item.kind is not ItemKind.PRAISE:
            raise Problem(404, _("没有这条表扬"))
        if text:
            await practices.mark(tx.connection, item_id, text, person.login, tx.now)
        else:
            await practices.unmark(tx.connection, item_id)
        await record(tx.connection, person, action="marked" if text else "unmarked", subject=f"item:{item_id}")
    return see_other(request, "/followup/praise")


async def _page(request: Request, person: Person, department: str | None, *, wrong: str | None = None) -> Response:
    runtime = runtime_of(request)
    own = visible_department(person, department or None)
    voices = await voices_of(runtime, person, (ItemKind.PRAISE,), own)
    async with runtime.reading() as connection:
        best = await practices.latest(connection)
    return render(
        request,
        "praise.html",
        status_code=422 if wrong else 200,
        now=await runtime.now(),
        teams=_by_team(voices),
        best=best,
        practice_of={one.item_id: one.practice for one in best},
        safe=safe,
        wrong=wrong,
        may_mark=person.role is Role.SUPERVISOR,
        reads=sees_words(person),
        department=own,
        departments=DEPARTMENTS if person.role is not Role.DEPARTMENT else {},
        DEPARTMENTS=DEPARTMENTS,
        word=word,
    )


def _by_team(voices: list[Voice]) -> list[tuple[str, list[Voice]]]:
    """The most praised first."""
    teams: dict[str, list[Voice]] = {}
    for voice in voices:
        teams.setdefault(voice.item.team or word(DEPARTMENTS, voice.item.department), []).append(voice)
    return sorted(teams.items(), key=lambda team: (-len(team[1]), team[0]))
