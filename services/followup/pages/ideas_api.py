"""The JSON API of the suggestion library."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.web.pages import runtime_of, signed_in
from chassis.web.router import GuardedRouter, roles
from services.followup import library
from services.followup.actions import LONGEST
from services.followup.ideas import IdeaOwner, IdeaStatus
from services.followup.pages.ideas import Shown, proposals, shelf
from services.followup.rights import READERS, WORKERS, sees_words, visible_department
from services.followup.similar import USUAL_THRESHOLD

router = GuardedRouter()
Me = Annotated[Person, Depends(signed_in)]


class IdeaOut(BaseModel):
    """`texts`: what customers said; empty for those who may not read words."""

    idea_id: str
    department: str
    kind: str
    owner: IdeaOwner
    status: IdeaStatus
    title: str | None
    outcome: str | None
    opened_at: datetime
    changed_at: datetime
    customers: int
    votes: int
    texts: list[str]
    authors_asked_for: int
    """Customers whose contact about the outcome was asked for."""
    authors_told: int
    """Of them, those who were reached."""

    @classmethod
    def of(cls, row: Shown) -> "IdeaOut":
        known = {name: getattr(row.idea, name) for name in cls.model_fields if hasattr(row.idea, name)}
        texts = [voice.text for voice in row.voices if voice.text]
        asked = {voice.item.customer_ref for voice in row.voices if voice.asked}
        told = {voice.item.customer_ref for voice in row.voices if voice.outcome and voice.outcome.told_at}
        return cls(
            **known,
            customers=row.shelved.customers,
            votes=row.shelved.votes,
            texts=texts,
            authors_asked_for=len(asked),
            authors_told=len(told),
        )


class ProposalOut(BaseModel):
    """Two suggestions that may be one."""

    idea_id: str
    other: str
    similarity: float


class IdeaList(BaseModel):
    ideas: list[IdeaOut]
    proposals: list[ProposalOut]


class MergeIn(BaseModel):
    into: str = Field(min_length=1, max_length=40)


class DescribeIn(BaseModel):
    title: str = Field(default="", max_length=library.LONGEST_TITLE)
    owner: IdeaOwner


class DecideIn(BaseModel):
    status: IdeaStatus
    outcome: str = Field(default="", max_length=LONGEST)
    """What the authors are told; needed for `done` and `declined`."""


class VoteIn(BaseModel):
    wanted: bool = True


@router.get("/ideas", access=roles(*READERS))
async def list_ideas(
    request: Request,
    person: Me,
    department: str | None = None,
    status: IdeaStatus | None = None,
    owner: IdeaOwner | None = None,
    similar: Annotated[float, Query(ge=0.2, le=1)] = USUAL_THRESHOLD,
) -> IdeaList:
    """Most wanted first, with pairs that are at least `similar` alike. Reading words is audited."""
    runtime = runtime_of(request)
    own = visible_department(person, department)
    rows = await shelf(runtime, person, own, status, owner)
    if sees_words(person):
        async with runtime.reading() as connection:
            await record(connection, person, action="read", subject=f"ideas:{own or 'all'}")
    found = [
        ProposalOut(idea_id=pair.one.idea.idea_id, other=pair.other.idea.idea_id, similarity=pair.similarity)
        for pair in (proposals(rows, similar) if sees_words(person) else [])
    ]
    return IdeaList(ideas=[IdeaOut.of(row) for row in rows], proposals=found)


@router.post("/ideas/{idea_id}/merge", access=roles(*WORKERS), status_code=204)
async def merge(request: Request, idea_id: str, body: MergeIn, person: Me) -> None:
    """Everything said to it counts for `into` from now on."""
    await library.merge(runtime_of(request), person, idea_id, body.into)


@router.post("/ideas/{idea_id}/describe", access=roles(*WORKERS), status_code=204)
async def describe(request: Request, idea_id: str, body: DescribeIn, person: Me) -> None:
    await library.describe(runtime_of(request), person, idea_id, body.title, body.owner)


@router.post("/ideas/{idea_id}/decide", access=roles(*WORKERS), status_code=204)
async def decide(request: Request, idea_id: str, body: DecideIn, person: Me) -> None:
    """With `done` and `declined` every author is told the outcome."""
    await library.decide(runtime_of(request), person, idea_id, body.status, body.outcome)


@router.post("/ideas/{idea_id}/vote", access=roles(*WORKERS), status_code=204)
async def vote(request: Request, idea_id: str, body: VoteIn, person: Me) -> None:
    await library.vote(runtime_of(request), person, idea_id, wanted=body.wanted)
