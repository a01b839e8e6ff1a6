"""A report as a file, with the answers that its workbook lists."""

import asyncio
from functools import partial
from zoneinfo import ZoneInfo

from chassis.runtime import Runtime
from services.reporting.calendar import ReportPeriod
from services.reporting.documents.files import Format, document_file
from services.reporting.documents.responses import response_rows
from services.reporting.model import Report
from services.reporting.reports import span_of


async def report_file(runtime: Runtime, period: ReportPeriod, report: Report, format: Format, language: str) -> bytes:
    """`report` is of the `period`; a workbook lists the counted answers as they are now.

    Raises `fonts.NoChineseFont` for a PDF.
    """
    rows = None
    if format is Format.XLSX:
        answers = (await span_of(runtime, period)).sample().inside
        rows = partial(response_rows, answers, ZoneInfo(runtime.settings.operator_zone))
    return await asyncio.to_thread(document_file, report, format, language, rows)
