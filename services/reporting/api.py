"""The JSON door: the figures of the page, and the responses that each of them counts."""

from datetime import datetime

from fastapi import Request
from pydantic import BaseModel

from chassis.web.pages import runtime_of
from chassis.web.router import GuardedRouter
from contracts.vocabulary import CaseState, ClosedAs
from services.reporting.doors import (
    READERS,
    FigureQuery,
    PageQuery,
    PeriodQuery,
    StratumQuery,
    known_figure,
    period_of,
)
from services.reporting.listing import Listed, responses_of
from services.reporting.months import open_month
from services.reporting.report import Summary
from services.reporting.store import cases as store

PAGE = 200

router = GuardedRouter(prefix="/api/v1")


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
    total: int
    page: int
    responses: tuple[ResponseOut, ...]


class SummaryOut(Summary):
    """The report and the digest of its content."""

    sha256: str


@router.get("/summary", access=READERS)
async def summary(request: Request, period: PeriodQuery = None) -> SummaryOut:
    """The figures of one month, each with interval, n and effective n; the same as on the overview page."""
    opened = await open_month(runtime_of(request), await period_of(request, period))
    return SummaryOut(**dict(opened.summary), sha256=opened.summary.digest())


@router.get("/responses", access=READERS)
async def responses(
    request: Request,
    period: PeriodQuery = None,
    figure: FigureQuery = "valid",
    stratum: StratumQuery = None,
    page: PageQuery = 1,
) -> ResponsesOut:
    """The responses that a figure counts, newest first, 200 to a page."""
    asked = await period_of(request, period)
    runtime = runtime_of(request)
    opened = await open_month(runtime, asked)
    key = known_figure(figure)
    found = responses_of(opened.month.frame, key, stratum, offset=(page - 1) * PAGE, limit=PAGE)
    async with runtime.reading() as connection:
        followed = await store.cases_of(connection, [row.response_id for row in found.rows])
    listed = tuple(_out(row, followed.get(row.response_id, [])) for row in found.rows)
    return ResponsesOut(period=asked, figure=key, total=found.total, page=page, responses=listed)


def _out(row: Listed, cases: list[store.FollowUp]) -> ResponseOut:
    plain = {name: getattr(row, name) for name in ResponseOut.model_fields if name != "cases"}
    return ResponseOut(
        **plain,
        cases=tuple(CaseOut.model_validate(case, from_attributes=True) for case in cases),
    )
