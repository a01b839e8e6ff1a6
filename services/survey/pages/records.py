"""The records of callbacks: one's own as an agent, all of them as a supervisor; sheet, print, spreadsheet."""

import asyncio
from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Request, Response

from chassis.access.roles import Role
from chassis.spreadsheets import XLSX
from chassis.web.i18n import N_, speech
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of
from chassis.web.paging import pages_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.survey import exporting, records
from services.survey.agent_api import Signed
from services.survey.exporting import MOST, Days, TooMany
from services.survey.pages import record_rows, record_words

READERS = roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR)
PAGE = 20
REASONS = (N_("月度汇总"), N_("质检抽查"), N_("部门核对"))

router = GuardedRouter()


@router.get("/records", access=READERS)
async def listed(
    request: Request,
    person: Signed,
    begins: Annotated[date | None, Query(alias="from")] = None,
    ends: Annotated[date | None, Query(alias="to")] = None,
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    runtime, now = runtime_of(request), await runtime_of(request).now()
    first, last = _days(begins, ends, now.astimezone(_zone(request)).date())
    period = Days(first, last).period(_zone(request), agent=None if person.role is Role.SUPERVISOR else person.login)
    total, found = await records.page(runtime, period, limit=PAGE, offset=(page - 1) * PAGE)
    return render(
        request, "records.html", now=now, records=found, total=total, page=page, pages=pages_of(total, PAGE),
        first=first, last=last, words=record_words, may_export=person.role is Role.SUPERVISOR,
        reasons=[(reason, _(reason)) for reason in REASONS], every=person.role is Role.SUPERVISOR,
    )  # fmt: skip


@router.post("/records/export", access=roles(Role.SUPERVISOR))
async def export(request: Request, person: Signed) -> Response:
    """The period as a spreadsheet; who took it and why is kept before it is handed out."""
    form, runtime = await request.form(), runtime_of(request)
    days = _posted(str(form.get("from", "")), str(form.get("to", "")))
    reason = " · ".join(word for name in ("reason", "note") if (word := str(form.get(name, "")).strip()))
    if not str(form.get("reason", "")).strip() or len(reason) > 200:
        raise Problem(422, _("请选择导出的原因"), errors=[{"field": "reason", "rule": _("请选择导出的原因")}])
    try:
        found = await exporting.exported(runtime, person, days, reason)
    except TooMany as error:
        told = _("这段时间有 {n} 条记录，一次最多导出 {most} 条，请缩短时间", n=error.total, most=MOST)
        raise Problem(422, told) from None
    language, zone = speech.get().language, _zone(request)
    body = await asyncio.to_thread(record_rows.workbook, found, zone=zone, language=language)
    name = record_rows.file_name(days.first, days.last)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=XLSX, headers=headers)


@router.get("/records/{callback_id}/sheet", access=READERS)
async def sheet(request: Request, person: Signed, callback_id: str) -> Response:
    """客户回访信息记录表 of one callback; agents see those that they worked on or have in hand."""
    runtime = runtime_of(request)
    found = await records.records_of(runtime, [callback_id])
    if not found:
        raise Problem(404, _("没有这项回访"))
    [record] = found
    if person.role is not Role.SUPERVISOR and not record.may_be_read_by(person.login):
        raise Problem(403, _("这份记录由别的客服处理"))
    return render(
        request, "record_sheet.html", now=await runtime.now(), record=record, words=record_words, zone=_zone(request),
        may_hear=person.role is Role.SUPERVISOR,
        heard=record_words.heard_of(record, speech.get().language),
        facts=record_words.facts_of(record, zone=_zone(request), language=speech.get().language),
    )  # fmt: skip


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(runtime_of(request).settings.operator_zone)


def _days(begins: date | None, ends: date | None, today: date) -> tuple[date, date]:
    """The week up to today where nothing else was asked for."""
    last = ends or today
    return min(begins or last - timedelta(days=6), last), last


def _posted(begins: str, ends: str) -> Days:
    try:
        first, last = date.fromisoformat(begins), date.fromisoformat(ends)
    except ValueError:
        errors = [{"field": "from", "rule": _("请填写起止日期")}]
        raise Problem(422, _("请填写起止日期"), errors=errors) from None
    if last < first:
        raise Problem(422, _("结束要晚于开始"), errors=[{"field": "to", "rule": _("结束要晚于开始")}])
    return Days(first, last)
