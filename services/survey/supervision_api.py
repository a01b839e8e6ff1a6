"""What supervisors watch, and the standard record of a callback, as JSON."""

from datetime import datetime

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from chassis.access.roles import Role
from chassis.web.filters import mask_phone
from chassis.web.i18n import gettext as _
from chassis.web.i18n import speech
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.answers import Answer
from contracts.vocabulary import Scenario
from services.survey import records, supervision
from services.survey.address import form_of_address
from services.survey.agent_api import Signed
from services.survey.agent_models import PromiseOut
from services.survey.leases import LeaseState
from services.survey.records import Record

router = GuardedRouter(tags=["supervision"])


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class HeldOut(_Out):
    """`since`: the step began then; `overdue`: its record is not complete ten minutes after hang-up."""

    callback_id: str
    agent: str
    step: LeaseState
    scenario: Scenario
    since: datetime
    overdue: bool


class SkillQueueOut(_Out):
    skill: str
    ready: int
    complaints: int
    later: int
    in_hand: int
    first_end: datetime | None


class OverviewOut(_Out):
    """`connected`, `in_time`: calls of today, and records complete in time; `flags` wait for a decision."""

    now: datetime
    held: list[HeldOut]
    queues: list[SkillQueueOut]
    connected: int
    in_time: int
    flags: int
    voided: int


class ContactOut(_Out):
    permit_no: int
    channel: str
    disposition: str
    detail: str | None
    agent: str | None
    started_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime


class HeardOut(_Out):
    part_id: str
    question_id: str
    answer: Answer
    words: str | None


class UsedOut(_Out):
    title: str
    outcome: str


class RecordOut(_Out):
    """The standard sheet (客户回访信息记录表); the number is masked."""

    callback_id: str
    reference: str
    source: str
    service_id: str
    scenario: Scenario
    customer: str
    phone: str | None
    level: str | None
    disposition: str | None
    overall: int | None
    problem_type: str | None
    mood: str | None
    contacts: list[ContactOut]
    answers: list[HeardOut]
    promises: list[PromiseOut]
    uses: list[UsedOut]
    voided: bool


@router.get("/supervision", access=roles(Role.SUPERVISOR))
async def overview(request: Request) -> OverviewOut:
    """Who is on which callback, queues by skill, wrap-ups of today, what waits for a decision."""
    found = await supervision.overview(runtime_of(request))
    return OverviewOut(
        now=found.now,
        held=[
            HeldOut(
                callback_id=one.row.lease.callback_id, agent=one.row.lease.agent_name, step=one.row.lease.state,
                scenario=one.row.permit.callback.scenario, since=one.since, overdue=one.overdue,
            )
            for one in found.held
        ],
        queues=[SkillQueueOut.model_validate(queue) for queue in found.queues],
        connected=found.wrap_ups.connected, in_time=found.wrap_ups.in_time,
        flags=found.decisions.flags, voided=found.decisions.voided,
    )  # fmt: skip


@router.get("/callbacks/{callback_id}/record", access=roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR))
async def record(request: Request, person: Signed, callback_id: str) -> RecordOut:
    """Agents see what they worked on, supervisors everything."""
    found = await records.records_of(runtime_of(request), [callback_id])
    if not found:
        raise Problem(404, _("没有这项回访"))
    if person.role is not Role.SUPERVISOR and not found[0].may_be_read_by(person.login):
        raise Problem(403, _("这份记录由别的客服处理"))
    return _record(found[0], speech.get().language)


def _record(one: Record, language: str) -> RecordOut:
    callback, asked = one.permit.callback, one.interview
    forms = () if asked is None else asked.parts
    return RecordOut(
        callback_id=one.callback_id, reference=one.reference, source=callback.source, service_id=callback.service_id,
        scenario=callback.scenario, customer=form_of_address(one.contact.name, language),
        phone=mask_phone(one.contact.phone) if one.contact.phone else None, level=one.context.level,
        disposition=one.disposition, overall=one.overall,
        problem_type=None if asked is None else asked.marks.problem_type,
        mood=None if asked is None else asked.marks.mood,
        contacts=[ContactOut.model_validate(contact) for contact in one.contacts],
        answers=[
            HeardOut(part_id=form.part.part_id, question_id=name, answer=answer, words=form.texts.get(name))
            for form in forms
            for name, answer in form.answers.items()
        ],
        promises=[PromiseOut.model_validate(promise) for promise in one.promises],
        uses=[UsedOut.model_validate(used) for used in one.uses], voided=one.voided,
    )  # fmt: skip
