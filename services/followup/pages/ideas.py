"""The suggestion library: what customers want, how many, what becomes of it, and which suggestions are one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Query, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.spreadsheets import XLSX, write_workbook
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.followup import library
from services.followup.ideas import MERGEABLE, NEXT, SETTLED, Idea, IdeaOwner, IdeaStatus
from services.followup.pages.libraries import Voice, explained, opened_voices
from services.followup.rights import READERS, WORKERS, sees_words, visible_department
from services.followup.shelf_table import table
from services.followup.similar import USUAL_THRESHOLD, Alike, alike
from services.followup.store import ideas
from services.followup.store.ideas import Shelved
from services.followup.words import DEPARTMENTS, IDEA_ACTIONS, IDEA_OWNERS, IDEA_STATUSES, named, word

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]
MOST_PROPOSALS = 12
TITLE_LENGTH = 60


@dataclass(frozen=True)
class Shown:
    """`title`: the house's own, else the beginning of what the first customer said; None: not to be read here."""

    shelved: Shelved
    title: str | None
    voices: list[Voice]

    @property
    def idea(self) -> Idea:
        return self.shelved.idea


@dataclass(frozen=True)
class Proposal:
    one: Shown
    other: Shown
    similarity: float


@router.get("/suggestions", access=roles(*READERS))
async def show_ideas(
    request: Request,
    person: Me,
    department: str | None = None,
    status: str = "",
    owner: str = "",
    similar: Annotated[float, Query(ge=0.2, le=1)] = USUAL_THRESHOLD,
) -> Response:
    own = visible_department(person, department or None)
    wanted = IdeaStatus(status) if status in list(IdeaStatus) else None
    whose = IdeaOwner(owner) if owner in list(IdeaOwner) else None
    rows = await shelf(runtime_of(request), person, own, wanted, whose)
    return render(
        request,
        "suggestions.html",
        rows=rows,
        proposals=proposals(rows, similar) if sees_words(person) else [],
        similar=similar,
        status=wanted.value if wanted else "",
        owner=whose.value if whose else "",
        department=own,
        departments=DEPARTMENTS if person.role is not Role.DEPARTMENT else {},
        may_work=person.role in WORKERS,
        reads=sees_words(person),
        **_words(),
    )


@router.get("/ideas.xlsx", access=roles(*READERS))
async def export(request: Request, person: Me, department: str | None = None, owner: str = "") -> Response:
    """The list as a workbook, with customers' words for those who may read them; every export is audited."""
    runtime = runtime_of(request)
    own = visible_department(person, department or None)
    rows = await shelf(runtime, person, own, owner=IdeaOwner(owner) if owner in list(IdeaOwner) else None)
    async with runtime.reading() as connection:
        await record(connection, person, action="exported", subject=f"ideas:{own or 'all'}")
    titles = {row.idea.idea_id: row.title for row in rows}
    zone = ZoneInfo(runtime.settings.operator_zone)
    content = write_workbook([(_("建议"), table([row.shelved for row in rows], titles, zone))])
    name = {"Content-Disposition": 'attachment; filename="suggestions.xlsx"'}
    return Response(content, media_type=XLSX, headers=name)


@router.get("/suggestions/idea/{idea_id}", access=roles(*READERS))
async def show_idea(request: Request, idea_id: str, person: Me) -> Response:
    return await _page(request, idea_id, person)


@router.post("/suggestions/idea/{idea_id}/vote", access=roles(*WORKERS))
async def vote(request: Request, idea_id: str, person: Me, wanted: Annotated[bool, Form()] = True) -> Response:
    await library.vote(runtime_of(request), person, idea_id, wanted=wanted)
    return see_other(request, f"/followup/suggestions/idea/{idea_id}")


@router.post("/suggestions/idea/{idea_id}/describe", access=roles(*WORKERS))
async def describe(
    request: Request, idea_id: str, person: Me, title: Annotated[str, Form()] = "", owner: Annotated[str, Form()] = ""
) -> Response:
    try:
        await library.describe(runtime_of(request), person, idea_id, title, owner)
    except Problem as problem:
        return await _again(request, idea_id, person, problem, {"title": title})
    return see_other(request, f"/followup/suggestions/idea/{idea_id}")


@router.post("/suggestions/idea/{idea_id}/merge", access=roles(*WORKERS))
async def merge(request: Request, idea_id: str, person: Me, into: Annotated[str, Form()] = "") -> Response:
    await library.merge(runtime_of(request), person, idea_id, into)
    return see_other(request, f"/followup/suggestions/idea/{into}")


@router.post("/suggestions/idea/{idea_id}/decide", access=roles(*WORKERS))
async def decide(
    request: Request,
    idea_id: str,
    person: Me,
    status: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
) -> Response:
    try:
        await library.decide(runtime_of(request), person, idea_id, status, outcome)
    except Problem as problem:
        return await _again(request, idea_id, person, problem, {"outcome": outcome, "status": status})
    return see_other(request, f"/followup/suggestions/idea/{idea_id}")


async def shelf(
    runtime: Runtime,
    person: Person,
    department: str | None,
    status: IdeaStatus | None = None,
    owner: IdeaOwner | None = None,
) -> list[Shown]:
    async with runtime.reading() as connection:
        found = await ideas.shelf(connection, department=department, login=person.login, status=status, owner=owner)
        said = await ideas.items_in(connection, [one.idea.idea_id for one in found])
    voices = await opened_voices(runtime, person, [item for items in said.values() for item in items])
    by_item = {voice.item.item_id: voice for voice in voices}
    return [_shown(one, [by_item[item.item_id] for item in said.get(one.idea.idea_id, [])]) for one in found]


def proposals(rows: Sequence[Shown], threshold: float) -> list[Proposal]:
    """Open ideas of one department that say much the same, the most alike first."""
    open_now = {row.idea.idea_id: row for row in rows if row.idea.status in MERGEABLE}
    texts = {f"{name}/{n}": v.text for name, row in open_now.items() for n, v in enumerate(row.voices) if v.text}
    texts |= {f"{name}/title": row.idea.title for name, row in open_now.items() if row.idea.title}
    best: dict[tuple[str, str], Alike] = {}
    for pair in alike(texts, threshold):
        one, other = sorted((pair.one.partition("/")[0], pair.other.partition("/")[0]))
        if one != other and open_now[one].idea.department == open_now[other].idea.department:
            best.setdefault((one, other), pair)
    found = [Proposal(open_now[one], open_now[other], pair.similarity) for (one, other), pair in best.items()]
    return found[:MOST_PROPOSALS]


def _shown(shelved: Shelved, voices: list[Voice]) -> Shown:
    said = next((voice.text for voice in voices if voice.text), None)
    cut = said[:TITLE_LENGTH] + "…" if said and len(said) > TITLE_LENGTH else said
    return Shown(shelved, shelved.idea.title or cut, voices)


async def _again(request: Request, idea_id: str, person: Person, problem: Problem, given: dict[str, str]) -> Response:
    if problem.status_code != 422:
        raise problem
    wrong = {error["field"]: _("请填写这一项") for error in problem.errors if error["rule"] == "required"}
    others = {error["field"]: _("这一项不符合要求") for error in problem.errors}
    return await _page(request, idea_id, person, errors=others | wrong, given=given)


async def _page(
    request: Request,
    idea_id: str,
    person: Person,
    *,
    errors: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        idea = await library.readable_idea(connection, person, idea_id)
        history = await ideas.history(connection, idea_id)
        if sees_words(person):
            await record(connection, person, action="read", subject=f"idea:{idea_id}")
    rows = await shelf(runtime, person, idea.department)
    row = next((one for one in rows if one.idea.idea_id == idea_id), _shown(Shelved(idea, 0, 0, voted=False), []))
    near = [pair for pair in proposals(rows, USUAL_THRESHOLD) if row in (pair.one, pair.other)]
    return render(
        request,
        "idea.html",
        status_code=422 if errors else 200,
        now=await runtime.now(),
        row=row,
        idea=idea,
        history=history,
        near=[(pair.other if pair.one == row else pair.one, pair.similarity) for pair in near],
        others=[(one.idea.idea_id, f"{one.idea.idea_id} {one.title or ''}") for one in rows if _may_take(one, row)],
        next_statuses=[(code, name) for code, name in named(IDEA_STATUSES) if IdeaStatus(code) in NEXT[idea.status]],
        errors=errors or {},
        given=given or {},
        may_work=person.role in WORKERS and idea.merged_into is None,
        settled=idea.status in SETTLED,
        mergeable=idea.status in MERGEABLE,
        reads=sees_words(person),
        explained=explained,
        **_words(),
    )


def _may_take(one: Shown, row: Shown) -> bool:
    return one.idea.idea_id != row.idea.idea_id and one.idea.status in MERGEABLE


def _words() -> dict[str, Any]:
    return {
        "word": word,
        "named": named,
        "DEPARTMENTS": DEPARTMENTS,
        "STATUSES": IDEA_STATUSES,
        "OWNERS": IDEA_OWNERS,
        "ACTIONS": IDEA_ACTIONS,
    }
