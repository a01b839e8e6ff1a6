"""Records by HTTP for the system they came from: from a place on, in a stable order, page by page."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from chassis.access import audit
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import AnswerState, Channel, Purpose, QuestionKind, ResponseStatus
from services.survey import feed
from services.survey.feed import BadCursor
from services.survey.store import feed as entries

router = GuardedRouter(tags=["records"])


class AnswerOut(BaseModel):
    """`value`: a score 1-5 (5 is best), a likelihood 0-10, yes/no/unsure, an option's key, or words.

    None for words whose customer was erased.
    """

    state: AnswerState
    kind: QuestionKind | None = None
    value: int | str | None = None


class RecordEntry(BaseModel):
    """`record.recorded`: one revision of a response, the highest holds. `record.voided`: it is out of the figures."""

    model_config = ConfigDict(extra="ignore")

    id: str
    kind: Literal["record.recorded", "record.voided"]
    source: str
    service_id: str
    response_id: str
    scenario: str | None = None
    revision: int | None = None
    status: ResponseStatus | None = None
    final: bool | None = None
    purpose: Purpose | None = None
    round: int | None = None
    channel: Channel | None = None
    in_design: bool | None = None
    questionnaire: str | None = None
    questionnaire_version: int | None = None
    content_hash: str | None = None
    agent: str | None = None
    started_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    recorded_at: datetime | None = None
    answers: dict[str, AnswerOut] | None = None
    mood: str | None = None
    negative_remarks: bool | None = None
    problem_type: str | None = None
    flags: list[dict[str, Any]] | None = None
    reason: str | None = None
    by: str | None = None
    voided_at: datetime | None = None


class RecordPage(BaseModel):
    """Ask again with `since` = `next`; `next` stays the same while there is nothing new."""

    records: list[RecordEntry]
    next: str | None
    more: bool


@router.get("/records", access=roles(Role.CRM))
async def records(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    since: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RecordPage:
    """Of the token's source only. `since`: `next` of the page before, or an instant: 2026-10-20T08:00:00+08:00."""
    runtime = runtime_of(request)
    try:
        begins = feed.since_of(since)
    except BadCursor:
        rule = "must be next of an earlier page, or an instant with its offset"
        raise Problem(422, _("不认识这个位置"), rule, errors=[{"field": "since", "rule": rule}]) from None
    async with runtime.transaction() as tx:
        found = await entries.page(tx.connection, person.source or "", begins, limit + 1)
        page = found[:limit]
        await audit.record(
            tx.connection, person, action="records-read", subject=f"source:{person.source}",
            detail={"records": len(page), "since": since},
        )  # fmt: skip
    shown = await feed.opened(runtime, page)
    return RecordPage(
        records=[RecordEntry.model_validate(one) for one in shown],
        next=feed.cursor_of(page[-1]) if page else since,
        more=len(found) > limit,
    )
