"""Customer profiles, and the list of frequent high scorers: handed out for a reason that is kept."""

from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.spreadsheets import write_csv
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter
from services.reporting import words
from services.reporting.composing.profiles import high_scorers
from services.reporting.documents.chapters import answers
from services.reporting.doors import READERS, ReportKey
from services.reporting.pages.charts import TOOLS
from services.reporting.pages.opening import asked_period, opened
from services.reporting.reports import span_of

REASON_LIMIT = 200

router = GuardedRouter()

Signed = Annotated[Person, Depends(signed_in)]


@router.get("/profiles", access=READERS)
async def profiles(request: Request, period: ReportKey = None) -> Response:
    found = await opened(request, period)
    return render(
        request,
        "profiles.html",
        now=await runtime_of(request).now(),
        report=found.report,
        others=found.others,
        sections=[answers.profiles(found.report)],
        tools=TOOLS,
        words=words,
    )


@router.post("/profiles/export", access=READERS)
async def export(request: Request, person: Signed) -> Response:
    """The customers as their CRM knows them, by their newest service; who took the list and why is kept before."""
    form, runtime = await request.form(), runtime_of(request)
    reason = str(form.get("reason", "")).strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Problem(422, _("请写明导出的原因"), errors=[{"field": "reason", "rule": _("1 到 200 个字")}])
    asked, _others = await asked_period(request, str(form.get("period", "")) or None)
    span = await span_of(runtime, asked)
    inside = span.sample().inside
    newest = inside.sort("completed_at", "response_id").group_by("customer_ref", maintain_order=True).last()
    services = {ref: (source, number) for ref, source, number in
                newest.select("customer_ref", "source", "service_id").iter_rows()}  # fmt: skip
    found = high_scorers(inside)
    async with runtime.reading() as connection:
        await record(
            connection, person, action="high scorers exported", subject=f"report:{asked.key}", reason=reason,
            detail={"rows": len(found)},
        )  # fmt: skip
    rows: list[list[object]] = [[_("来源"), _("最近的服务"), _("5 分的次数"), _("购买次数")]]
    rows += [[*services[one.customer_ref], one.answers, one.purchases] for one in found]
    headers = {
        "Content-Disposition": f'attachment; filename="high-scorers-{asked.key}.csv"', "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(write_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)
