"""Published reports with their revisions, and each as a file."""

from typing import Annotated

from fastapi import Query, Request, Response

from chassis.web.i18n import CHINESE, ENGLISH, speech
from chassis.web.i18n import gettext as _
from chassis.web.pages import render, runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter
from services.reporting import words
from services.reporting.documents.files import MEDIA, Format, file_name
from services.reporting.documents.fonts import NoChineseFont
from services.reporting.doors import READERS, ReportKey, RevisionQuery
from services.reporting.pages.opening import asked_period
from services.reporting.reports import report_at
from services.reporting.store import reports as store
from services.reporting.writing import report_file

LISTED = 60

router = GuardedRouter()


@router.get("/reports", access=READERS)
async def reports(request: Request, period: ReportKey = None) -> Response:
    runtime = runtime_of(request)
    asked, others = await asked_period(request, period)
    async with runtime.reading() as connection:
        found = await store.revisions(connection, None, limit=LISTED)
    return render(
        request,
        "reports.html",
        now=await runtime.now(),
        period=asked.key,
        others=others,
        revisions=found,
        formats=list(Format),
        words=words,
    )


@router.get("/reports/{period}/file", access=READERS)
async def download(
    request: Request,
    period: str,
    format: Annotated[Format, Query()] = Format.PDF,
    revision: RevisionQuery = None,
    language: Annotated[str | None, Query(pattern="^(zh-CN|en)$")] = None,
) -> Response:
    """The report as PDF, Excel or HTML: the newest revision, a named one, or (0) the figures of this moment."""
    runtime = runtime_of(request)
    asked, _others = await asked_period(request, period)
    report = await report_at(runtime, asked, revision)
    if report is None:
        raise Problem(404, _("这一期还没有发布报告"), _("revision=0 给出此刻的数字。"))
    spoken = language or (ENGLISH if speech.get().language == ENGLISH else CHINESE)
    try:
        content = await report_file(runtime, asked, report, format, spoken)
    except NoChineseFont as error:
        raise Problem(503, _("这台机器没有中文字体，不能生成 PDF"), str(error)) from None
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(report, format)}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA[format], headers=headers)
