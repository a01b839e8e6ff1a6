"""The page of one case: what happened, what is missing, what can be done now. Works without scripts."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.filters import tight
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import ItemKind
from services.followup import actions
from services.followup.case import Case
from services.followup.causes import causes
from services.followup.contact import Proof
from services.followup.due import workdays
from services.followup.ladder import ladder
from services.followup.members import colleagues
from services.followup.pages.dossier import gather
from services.followup.pages.shown import due_of
from services.followup.rights import READERS, WORKERS, check_department, sees_words
from services.followup.states import Action, allows
from services.followup.store import cases, items
from services.followup.words import (
    CHANNELS,
    CLOSED_AS,
    DEPARTMENTS,
    DISPOSITIONS,
    EXPLANATIONS,
    PROBLEM_TYPES,
    SEVERITIES,
    STATES,
    word,
)

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]
Words = Annotated[str, Form(max_length=actions.LONGEST)]


@dataclass(frozen=True)
class Typed:
    """A form that came back: what is wrong by field, and what was typed."""

    wrong: dict[str, str]
    given: dict[str, str]


@router.get("/cases/{case_id}", access=roles(*READERS))
async def show_case(request: Request, case_id: str, person: Me, only: str = "") -> Response:
    return await _page(request, case_id, person, only_contacts=only == "contact")


@router.get("/items/{item_id}", access=roles(*READERS))
async def show_item(request: Request, item_id: str, person: Me) -> Response:
    """Where the link of a routed item leads: its case, or its place in a library."""
    async with runtime_of(request).reading() as connection:
        item = (await items.items(connection, [item_id])).get(item_id)
        case = (await cases.by_items(connection, [item_id])).get(item_id)
    if item is None:
        raise Problem(404, _("没有这个条目"))
    check_department(person, item.department)
    if case is not None:
        return see_other(request, f"/followup/cases/{case.case_id}")
    if item.kind is ItemKind.PRAISE:
        return see_other(request, "/followup/praise")
    if item.kind is ItemKind.PROBLEM:
        return see_other(request, "/followup/remarks")
    return see_other(request, f"/followup/suggestions/{item_id}")


@router.post("/cases/{case_id}/assign", access=roles(*WORKERS))
async def assign(
    request: Request, case_id: str, person: Me, owner: Annotated[str, Form()] = "", reason: Words = ""
) -> Response:
    try:
        await actions.assign(runtime_of(request), person, case_id, owner or None, reason)
    except Problem as problem:
        return await _again(request, case_id, person, problem, {"reason": reason})
    return see_other(request, f"/followup/cases/{case_id}")


@router.post("/cases/{case_id}/escalate", access=roles(*WORKERS))
async def escalate(request: Request, case_id: str, person: Me, reason: Words = "") -> Response:
    try:
        await actions.escalate(runtime_of(request), person, case_id, reason)
    except Problem as problem:
        if problem.status_code != 422:
            raise
        return await _page(
            request, case_id, person, typed=Typed({"escalation": _("请填写这一项")}, {"escalation": reason})
        )
    return see_other(request, f"/followup/cases/{case_id}")


@router.post("/cases/{case_id}/split", access=roles(*WORKERS))
async def split(request: Request, case_id: str, person: Me) -> Response:
    await actions.separate(runtime_of(request), person, case_id)
    return see_other(request, f"/followup/cases/{case_id}")


@router.post("/cases/{case_id}/start", access=roles(*WORKERS))
async def start(request: Request, case_id: str, person: Me) -> Response:
    await actions.start(runtime_of(request), person, case_id)
    return see_other(request, f"/followup/cases/{case_id}")


@router.post("/cases/{case_id}/note", access=roles(*WORKERS))
async def note(
    request: Request, case_id: str, person: Me, text: Words = "", for_customer: Annotated[bool, Form()] = False
) -> Response:
    try:
        await actions.note(runtime_of(request), person, case_id, text, for_customer=for_customer)
    except Problem as problem:
        return await _again(request, case_id, person, problem, {"text": text})
    return see_other(request, f"/followup/cases/{case_id}")


@router.post("/cases/{case_id}/solve", access=roles(*WORKERS))
async def solve(
    request: Request,
    case_id: str,
    person: Me,
    root_cause: Annotated[str, Form()] = "",
    root_cause_text: Words = "",
    action: Annotated[str, Form()] = "",
    action_text: Words = "",
    progress_text: Words = "",
) -> Response:
    form = actions.SolutionForm(root_cause, root_cause_text, action, action_text, progress_text)
    try:
        await actions.solve(runtime_of(request), person, case_id, form)
    except Problem as problem:
        return await _again(request, case_id, person, problem, vars(form))
    return see_other(request, f"/followup/cases/{case_id}")


@router.post("/cases/{case_id}/close", access=roles(*WORKERS))
async def close(request: Request, case_id: str, person: Me, evidence: Annotated[str, Form()] = "") -> Response:
    try:
        await actions.close(runtime_of(request), person, case_id, evidence)
    except Problem as problem:
        return await _again(request, case_id, person, problem, {})
    return see_other(request, f"/followup/cases/{case_id}")


async def _again(request: Request, case_id: str, person: Person, problem: Problem, given: dict[str, str]) -> Response:
    """The page with what was typed and what is wrong; other faults go their way."""
    if problem.status_code != 422:
        raise problem
    wrong = {error["field"]: _wrong(error["field"], error["rule"]) for error in problem.errors}
    return await _page(request, case_id, person, typed=Typed(wrong, given))


def _wrong(field: str, rule: str) -> str:
    if field == "evidence":
        return _("请选择处理之后联系客户的证据")
    if rule == "required":
        return _("请填写这一项")
    return _("请从列表中选择") if "list" in rule else _("这一项不符合要求")


async def _page(
    request: Request, case_id: str, person: Person, *, only_contacts: bool = False, typed: Typed | None = None
) -> Response:
    runtime = runtime_of(request)
    now, days = await runtime.now(), workdays(runtime.settings)
    async with runtime.reading() as connection:
        case = await actions.readable(connection, person, case_id)
        proofs = await actions.proofs_of(connection, case)
        staff = await colleagues(connection, case.department)
        if sees_words(person):
            await record(connection, person, action="read", subject=f"case:{case_id}")
    dossier = await gather(runtime, person, case)
    may = {action.value: person.role in WORKERS and _offers(case, action) for action in Action}
    return render(
        request,
        "case.html",
        status_code=422 if typed else 200,
        now=now,
        case=case,
        dossier=dossier,
        only_contacts=only_contacts,
        due=due_of(days, case.due_at, now),
        levels=len(ladder().rung),
        errors=typed.wrong if typed else {},
        given=typed.given if typed else {},
        may=may,
        may_take=person.role is Role.DEPARTMENT and not person.by_token,
        proof_choices=[(proof.evidence, _proof_words(proof)) for proof in proofs],
        colleague_choices=[(one.login, one.name) for one in staff],
        **_words(),
    )


def _offers(case: Case, action: Action) -> bool:
    """A case that follows another is worked there: here it can be noted on and taken out."""
    here = (Action.NOTE, Action.SPLIT) if case.leader else tuple(one for one in Action if one is not Action.SPLIT)
    return action in here and allows(case.state, action)


def _words() -> dict[str, Any]:
    """Lists to choose from, and the words for codes."""
    return {
        "causes": causes(),
        "cause_choices": _choices(causes().root_cause),
        "action_choices": _choices(causes().action),
        "word": word,
        "STATES": STATES,
        "SEVERITIES": SEVERITIES,
        "DEPARTMENTS": DEPARTMENTS,
        "PROBLEM_TYPES": PROBLEM_TYPES,
        "CLOSED_AS": CLOSED_AS,
    }


def _choices(table: dict[str, str]) -> list[tuple[str, str]]:
    return [("", _("请选择")), *((code, word(table, code)) for code in table)]


def _proof_words(proof: Proof) -> str:
    """When and how the customer was reached, or why not."""
    at = tight(proof.at).striptags()
    if proof.attempt is not None:
        how = f"{word(CHANNELS, proof.attempt.channel)} {word(DISPOSITIONS, proof.attempt.disposition)}"
        return f"{at} {how}"
    reason = word(EXPLANATIONS, proof.ended.explanation) if proof.ended else ""
    return _("{at} 未能联系到：{reason}", at=at, reason=reason)
