"""The JSON door: the figures of the pages, the responses that each of them counts, and published reports."""

from datetime import datetime

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from chassis.web.pages import runtime_of
from chassis.web.router import GuardedRouter
from contracts.vocabulary import CaseState, ClosedAs
from services.reporting.composing.content import figures_of
from services.reporting.doors import (
    READERS,
    FigureQuery,
    FiltersQuery,
    PageQuery,
    ReportKey,
    known_figure,
    report_period,
)
from services.reporting.export import csv_lines
from services.reporting.figure import Figure, Filters
from services.reporting.figures import REPORTED
from services.reporting.listing import Listed, chosen, responses_of
from services.reporting.months import LIMITS
from services.reporting.parts import matching
from services.reporting.report import Summary
from services.reporting.reports import open_report, span_of
from services.reporting.reports_api import router as published
from services.reporting.store import cases as store

PAGE = 200

router = GuardedRouter(prefix="/api/v1")
router.include_router(published)


class CaseOut(BaseModel):
    case_id: str
    state: CaseState
    department: str
    closed_as: ClosedAs | None


class ResponseOut(BaseModel):
    """One response behind a figure; masked: ids, answers on scales, tags, never a name, a contact or a text."""

    response_id: str
    source: str
    service_id: str
    scenario: str | None
    service_type: str | None
    channel: str
    stratum: str
    ended_at: datetime
    status: str
    overall: int | None
    score: int | None
    nps: int | None
    solved: str | None
    problems: tuple[str, ...]
    flags: tuple[str, ...]
    voided: bool
    cases: tuple[CaseOut, ...]


class ResponsesOut(BaseModel):
    period: str
    figure: str
    filters: Filters
    total: int
    page: int
    responses: tuple[ResponseOut, ...]


class SummaryOut(Summary):
    """The figures of the whole period and the digest of their content. `filtered`: the same figures of the part that
    the filters name, as domain estimates of the whole sample; null without filters."""

    sha256: str
    filters: Filters
    filtered: dict[str, Figure] | None


@router.get("/summary", access=READERS)
async def summary(request: Request, filters: FiltersQuery, period: ReportKey = None) -> SummaryOut:
    """The figures of a month or a week, each with interval, n and effective n; the same as on the overview page."""
    runtime, asked = runtime_of(request), await report_period(request, period)
    whole = (await open_report(runtime, asked)).content.summary
    filtered = None
    if filters.query():
        make = figures_of(await span_of(runtime, asked), LIMITS)
        filtered = {key: make.figure(key, matching(filters), filters) for key in REPORTED}
    return SummaryOut(**dict(whole), sha256=whole.digest(), filters=filters, filtered=filtered)


@router.get("/responses", access=READERS)
async def responses(
    request: Request,
    filters: FiltersQuery,
    period: ReportKey = None,
    figure: FigureQuery = "valid",
    page: PageQuery = 1,
) -> ResponsesOut:
    """The responses that a figure counts, newest first, 200 to a page."""
    runtime, asked = runtime_of(request), await report_period(request, period)
    key = known_figure(figure)
    frame = (await span_of(runtime, asked)).frame
    found = responses_of(frame, key, None, offset=(page - 1) * PAGE, limit=PAGE, filters=filters)
    async with runtime.reading() as connection:
        followed = await store.cases_of(connection, [row.response_id for row in found.rows])
    listed = tuple(_out(row, followed.get(row.response_id, [])) for row in found.rows)
    return ResponsesOut(period=asked.key, figure=key, filters=filters, total=found.total, page=page, responses=listed)


@router.get("/responses.csv", access=READERS, response_class=StreamingResponse)
async def responses_csv(
    request: Request, filters: FiltersQuery, period: ReportKey = None, figure: FigureQuery = "valid"
) -> Response:
    """All of them as CSV, streamed; UTF-8 with a mark. What a spreadsheet would run is marked as text."""
    runtime, asked = runtime_of(request), await report_period(request, period)
    key = known_figure(figure)
    rows = chosen((await span_of(runtime, asked)).frame, key, filters)
    headers = {
        "Content-Disposition": f'attachment; filename="responses-{asked.key}-{key}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(csv_lines(rows), media_type="text/csv; charset=utf-8", headers=headers)


def _out(row: Listed, cases: list[store.FollowUp]) -> ResponseOut:
    plain = {name: getattr(row, name) for name in ResponseOut.model_fields if name != "cases"}
    return ResponseOut(
        **plain,
        cases=tuple(CaseOut.model_validate(case, from_attributes=True) for case in cases),
    )
