"""The JSON API of cases and items."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import CaseState, ClosedAs, ItemKind, ItemState, Severity
from services.followup import actions
from services.followup.case import Case
from services.followup.chain import first_broken
from services.followup.contact import Proof
from services.followup.responses import cut
from services.followup.rights import READERS, WORKERS, check_department, sees_words, visible_department
from services.followup.sealing import keyring_for, texts_of, words
from services.followup.store import board, cases, items

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]


class CaseOut(BaseModel):
    case_id: str
    revision: int
    item_id: str
    response_id: str
    department: str
    state: CaseState
    severity: Severity
    codes: tuple[str, ...]
    owner: str | None
    opened_at: datetime
    due_at: datetime
    changed_at: datetime
    solved_at: datetime | None
    told_at: datetime | None
    closed_at: datetime | None
    closed_as: ClosedAs | None
    root_cause: str | None
    action: str | None
    evidence: tuple[str, ...]
    escalation: int
    """Rung of the ladder that has heard of it; 0: none."""
    leader: str | None
    """The case that it was merged into."""

    @classmethod
    def of(cls, case: Case) -> "CaseOut":
        return cls.model_validate({name: getattr(case, name) for name in cls.model_fields})


class CaseList(BaseModel):
    cases: list[CaseOut]


class ProofOut(BaseModel):
    """Evidence that would be accepted now."""

    evidence: str
    closed_as: ClosedAs
    at: datetime

    @classmethod
    def of(cls, proof: Proof) -> "ProofOut":
        return cls(evidence=proof.evidence, closed_as=proof.closed_as, at=proof.at)


class EntryOut(BaseModel):
    sequence: int
    at: datetime
    actor: str
    action: str
    from_state: str | None
    to_state: str
    detail: dict[str, Any]
    note: str | None
    hash: str


class CaseDetail(CaseOut):
    history: list[EntryOut]
    chain_whole: bool
    proofs: list[ProofOut]


class ItemOut(BaseModel):
    item_id: str
    item_revision: int
    state: ItemState
    kind: ItemKind
    department: str
    team: str | None
    codes: tuple[str, ...]
    severity: Severity
    case_id: str | None
    text: list[str] | None
    """The customer's words that concern the department; null until the answer has arrived."""


class AssignIn(BaseModel):
    owner: str | None = None
    """Login of a colleague; left out: the caller."""
    reason: str = Field(default="", max_length=actions.LONGEST)
    """Needed when somebody else has the case."""


class ReasonIn(BaseModel):
    reason: str = Field(min_length=1, max_length=actions.LONGEST)


class MergeIn(BaseModel):
    into: str = Field(min_length=1, max_length=40)
    """The case that goes on: of the same customer and department."""


class NoteIn(BaseModel):
    text: str = Field(min_length=1, max_length=actions.LONGEST)
    for_customer: bool = False
    """These words are told to the customer at the next callback."""


class SolveIn(BaseModel):
    root_cause: str
    root_cause_text: str = Field(min_length=1, max_length=actions.LONGEST)
    action: str
    action_text: str = Field(min_length=1, max_length=actions.LONGEST)
    progress_text: str = Field(default="", max_length=actions.LONGEST)


class CloseIn(BaseModel):
    evidence: str = Field(min_length=1, max_length=200)


@router.get("/cases", access=roles(*READERS))
async def list_cases(
    request: Request,
    person: Me,
    department: str | None = None,
    state: Annotated[list[CaseState] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CaseList:
    """By due time. A department gets its own; `state` may be given several times."""
    async with runtime_of(request).reading() as connection:
        found = await board.listed(
            connection, department=visible_department(person, department), states=state, limit=limit
        )
    return CaseList(cases=[CaseOut.of(case) for case in found])


@router.get("/cases/{case_id}", access=roles(*READERS))
async def one_case(request: Request, case_id: str, person: Me) -> CaseDetail:
    """With its history and what would prove contact; notes are left out for those who may not read words."""
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        case = await actions.readable(connection, person, case_id)
        links = await cases.history(connection, case_id)
        found = await actions.proofs_of(connection, case)
        if sees_words(person):
            await record(connection, person, action="read", subject=f"case:{case_id}")
    keys = await runtime.vault.keyring(text=[case.customer_ref])
    history = [
        EntryOut.model_validate(
            vars(link) | {"note": words(keys, case.customer_ref, "note", link.note) if sees_words(person) else None}
        )
        for link in links
    ]
    return CaseDetail(
        **CaseOut.of(case).model_dump(),
        history=history,
        chain_whole=first_broken(links) is None,
        proofs=[ProofOut.of(proof) for proof in found],
    )


@router.post("/cases/{case_id}/assign", access=roles(*WORKERS))
async def assign(request: Request, case_id: str, body: AssignIn, person: Me) -> CaseOut:
    return CaseOut.of(await actions.assign(runtime_of(request), person, case_id, body.owner, body.reason))


@router.post("/cases/{case_id}/escalate", access=roles(*WORKERS))
async def escalate(request: Request, case_id: str, body: ReasonIn, person: Me) -> CaseOut:
    return CaseOut.of(await actions.escalate(runtime_of(request), person, case_id, body.reason))


@router.post("/cases/{case_id}/merge", access=roles(*WORKERS))
async def merge(request: Request, case_id: str, body: MergeIn, person: Me) -> CaseOut:
    """It is worked, told and closed with the other case from now on; each keeps its history."""
    return CaseOut.of(await actions.merge(runtime_of(request), person, case_id, body.into))


@router.post("/cases/{case_id}/split", access=roles(*WORKERS))
async def split(request: Request, case_id: str, person: Me) -> CaseOut:
    return CaseOut.of(await actions.separate(runtime_of(request), person, case_id))


@router.post("/cases/{case_id}/start", access=roles(*WORKERS))
async def start(request: Request, case_id: str, person: Me) -> CaseOut:
    return CaseOut.of(await actions.start(runtime_of(request), person, case_id))


@router.post("/cases/{case_id}/note", access=roles(*WORKERS))
async def note(request: Request, case_id: str, body: NoteIn, person: Me) -> CaseOut:
    runtime = runtime_of(request)
    return CaseOut.of(await actions.note(runtime, person, case_id, body.text, for_customer=body.for_customer))


@router.post("/cases/{case_id}/solve", access=roles(*WORKERS))
async def solve(request: Request, case_id: str, body: SolveIn, person: Me) -> CaseOut:
    form = actions.SolutionForm(**body.model_dump())
    return CaseOut.of(await actions.solve(runtime_of(request), person, case_id, form))


@router.post("/cases/{case_id}/close", access=roles(*WORKERS))
async def close(request: Request, case_id: str, body: CloseIn, person: Me) -> CaseOut:
    return CaseOut.of(await actions.close(runtime_of(request), person, case_id, body.evidence))


@router.get("/items/{item_id}", access=roles(Role.DEPARTMENT))
async def one_item(request: Request, item_id: str, person: Me) -> ItemOut:
    """The words of an item, for the department it was routed to and nobody else; every reading is audited."""
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        item = (await items.items(connection, [item_id])).get(item_id)
        if item is None:
            raise Problem(404, _("没有这个条目"))
        check_department(person, item.department)
        response = (await items.responses(connection, [item.response_id])).get(item.response_id)
        case = (await cases.by_items(connection, [item_id])).get(item_id)
        await record(connection, person, action="read", subject=f"item:{item_id}")
    text = None
    if response is not None:
        keys = await keyring_for(runtime.vault, [response])
        text = cut(texts_of(keys, response), item.spans)
    shown = {name: getattr(item, name) for name in ItemOut.model_fields if name not in ("case_id", "text")}
    return ItemOut(**shown, case_id=case.case_id if case else None, text=text)
