"""The standard record (客户回访信息记录表) of a callback, and those of a period, by HTTP."""

import asyncio
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.access.roles import Role
from chassis.spreadsheets import XLSX
from chassis.web.filters import mask_phone
from chassis.web.i18n import gettext as _
from chassis.web.i18n import speech
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.answers import Answer
from contracts.vocabulary import Scenario
from services.survey import exporting, records
from services.survey.address import form_of_address
from services.survey.agent_api import Signed
from services.survey.agent_models import PromiseOut
from services.survey.exporting import MOST, Days, TooMany
from services.survey.pages import record_rows
from services.survey.records import Record

router = GuardedRouter(tags=["record sheets"])
EXPORTERS = roles(Role.SUPERVISOR)
_Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]  # beyond, no zone can be told


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


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
    """The number is masked."""

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


class PeriodIn(BaseModel):
    """Whole days of the operator, both ends included. `reason` is audited."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: Annotated[_Day, Field(alias="from")]
    last: Annotated[_Day, Field(alias="to")]
    reason: Annotated[str, Field(min_length=3, max_length=200)]

    def days(self) -> Days:
        if self.last < self.first:
            raise Problem(422, _("结束要晚于开始"), errors=[{"field": "to", "rule": _("结束要晚于开始")}])
        return Days(self.first, self.last)


class PageIn(PeriodIn):
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class RecordSheets(BaseModel):
    """`total`: callbacks with a contact in the period."""

    total: int
    records: list[RecordOut]


@router.get("/callbacks/{callback_id}/record", access=roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR))
async def record(request: Request, person: Signed, callback_id: str) -> RecordOut:
    """Agents see what they worked on, supervisors everything."""
    found = await records.records_of(runtime_of(request), [callback_id])
    if not found:
        raise Problem(404, _("没有这项回访"))
    if person.role is not Role.SUPERVISOR and not found[0].may_be_read_by(person.login):
        raise Problem(403, _("这份记录由别的客服处理"))
    return _record(found[0], speech.get().language)


@router.post("/record-sheets", access=EXPORTERS)
async def of_period(request: Request, person: Signed, wanted: PageIn) -> RecordSheets:
    """The records of a period page by page, the latest contact first; who took them and why is audited."""
    total, found = await exporting.exported_page(
        runtime_of(request), person, wanted.days(), wanted.reason, limit=wanted.limit, offset=wanted.offset
    )
    return RecordSheets(total=total, records=[_record(one, speech.get().language) for one in found])


@router.post(
    "/record-sheets/workbook", access=EXPORTERS, response_class=Response,
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}},
)  # fmt: skip
async def workbook(request: Request, person: Signed, wanted: PeriodIn) -> Response:
    """The same period as an Excel workbook, whole: 422 for more than 10,000 callbacks. Audited likewise."""
    days, runtime = wanted.days(), runtime_of(request)
    try:
        found = await exporting.exported(runtime, person, days, wanted.reason)
    except TooMany as error:
        rule = _("这段时间有 {n} 条记录，一次最多导出 {most} 条，请缩短时间", n=error.total, most=MOST)
        raise Problem(422, rule, errors=[{"field": "to", "rule": rule}]) from None
    zone, language = ZoneInfo(runtime.settings.operator_zone), speech.get().language
    body = await asyncio.to_thread(record_rows.workbook, found, zone=zone, language=language)
    name = record_rows.file_name(days.first, days.last)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=XLSX, headers=headers)


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
