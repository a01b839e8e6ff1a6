"""What lies beside the script, as JSON: common questions and offers of a call, what was used, and the shelves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import Scenario
from services.survey import conversation, desk, handbook
from services.survey.agent_api import AGENTS, Signed, state_out
from services.survey.agent_models import CallState, Instant
from services.survey.handbook import Entry, Kind, Outcome
from services.survey.pages.refusals import agent_of, refusals
from services.survey.sheet import sheet_of
from services.survey.store import handbook as entries

READERS = roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR, Role.ADMIN)
WRITERS = roles(Role.SUPERVISOR, Role.ADMIN)
Words = Annotated[str, Query(max_length=60)]
EntryId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]
_Word = Annotated[str, Field(min_length=1, max_length=60)]

router = GuardedRouter(tags=["handbook"])


class EntryOut(BaseModel):
    """Empty `scenarios`, `products`, `levels`: for all. `uses`: calls of the last 30 days in which it was used."""

    model_config = ConfigDict(from_attributes=True)

    entry_id: str
    version: int
    kind: Kind
    title: str
    body: str
    scenarios: list[str]
    products: list[str]
    levels: list[str]
    valid_from: datetime | None
    valid_until: datetime | None
    withdrawn: bool
    written_by: str
    written_at: datetime
    uses: int


class BesideOut(BaseModel):
    questions: list[EntryOut]
    offers: list[EntryOut]


class UseIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Outcome


class EntryIn(BaseModel):
    """`version`: the one that was read; 0 for a new entry. An offer needs its end."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=0, le=100_000)]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    body: Annotated[str, Field(min_length=1, max_length=2000)]
    scenarios: list[Scenario] = []
    products: Annotated[list[_Word], Field(max_length=20)] = []
    levels: Annotated[list[_Word], Field(max_length=20)] = []
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    withdrawn: bool = False


@router.post("/callbacks/{callback_id}/opened", access=AGENTS)
async def opened(request: Request, person: Signed, callback_id: str) -> CallState:
    """The opening has been read; its length counts from the connection."""
    with refusals():
        return state_out(await conversation.opened(runtime_of(request), agent_of(person), callback_id))


@router.get("/callbacks/{callback_id}/handbook", access=AGENTS)
async def beside(request: Request, person: Signed, callback_id: str, find: Words = "") -> BesideOut:
    """The first common questions that fit my call and hold every word; offers once the identity is known."""
    with refusals():
        sheet = await sheet_of(runtime_of(request), callback_id)
        sheet.demand_held_by(agent_of(person))
    found = await desk.beside(runtime_of(request), sheet, words=find)
    known = sheet.interview is not None and sheet.interview.identity_at is not None
    return BesideOut(questions=_out(found.questions), offers=_out(found.offers) if known else [])


@router.post("/callbacks/{callback_id}/handbook/{entry_id}", access=AGENTS, status_code=204)
async def use(request: Request, person: Signed, callback_id: str, entry_id: EntryId, said: UseIn) -> None:
    """Kept in the record. A question is `used`; an offer was `told`, or the customer is `interested`."""
    with refusals():
        try:
            await desk.use(runtime_of(request), agent_of(person), callback_id, entry_id, said.outcome)
        except desk.NotOffered:
            raise Problem(409, _("这一条已经撤下，请重新查找")) from None


@router.get("/handbook/{kind}", access=READERS)
async def listed(request: Request, kind: Kind, find: Words = "") -> list[EntryOut]:
    """The newest version of each entry; with `find` those that hold every word."""
    runtime, now = runtime_of(request), await runtime_of(request).now()
    async with runtime.reading() as connection:
        written = await entries.entries(connection, kind, now)
    return _out(handbook.found(written, find) if find else written)


@router.put("/handbook/{kind}/{entry_id}", access=WRITERS, status_code=204)
async def write(request: Request, person: Signed, kind: Kind, entry_id: EntryId, said: EntryIn) -> None:
    """A new version; 409 when somebody wrote one since."""
    _demand_times(kind, said)
    runtime = runtime_of(request)
    entry = Entry(
        entry_id, said.version + 1, kind, said.title, said.body, tuple(said.scenarios), tuple(said.products),
        tuple(said.levels), said.valid_from, said.valid_until, said.withdrawn, written_by=person.name,
        written_at=await runtime.now(),
    )  # fmt: skip
    async with runtime.transaction() as tx:
        known = await entries.versions(tx.connection, entry_id)
        newest = known[0].version if known else 0
        same_shelf = not known or known[0].kind is kind
        if newest != said.version or not same_shelf or not await entries.insert(tx.connection, entry):
            raise Problem(409, _("有人刚刚改过这一条，请先看新的内容再改"))


def _demand_times(kind: Kind, said: EntryIn) -> None:
    begins, ends = said.valid_from, said.valid_until
    rule = None
    if kind is Kind.OFFER and ends is None:
        rule = _("请填写优惠什么时候结束")
    elif begins is not None and ends is not None and ends <= begins:
        rule = _("结束要晚于开始")
    if rule is not None:
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": "valid_until", "rule": rule}])


def _out(found: Sequence[Entry]) -> list[EntryOut]:
    return [EntryOut.model_validate(entry) for entry in found]
