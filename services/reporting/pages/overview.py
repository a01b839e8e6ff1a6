"""The month at a glance, and its strata."""

from fastapi import Request, Response

from chassis.web.pages import render, runtime_of
from chassis.web.router import GuardedRouter
from contracts.outcomes import AaporOutcome
from services.reporting import words
from services.reporting.doors import READERS, PeriodQuery, period_of, periods_of
from services.reporting.figures import DIMENSION_FIGURES, HEADLINES
from services.reporting.months import open_month
from services.reporting.outcomes import COUNTED
from services.reporting.report import Aapor
from services.reporting.scales import axis_of, stacked

BAR_WIDTH = 600

router = GuardedRouter()


@router.get("/overview", access=READERS)
async def overview(request: Request, period: PeriodQuery = None) -> Response:
    runtime = runtime_of(request)
    asked = await period_of(request, period)
    report = (await open_month(runtime, asked)).summary
    figures = report.figures
    return render(
        request,
        "overview.html",
        now=await runtime.now(),
        report=report,
        periods=await periods_of(request),
        headlines=[(key, figures[key], axis_of([figures[key]])) for key in HEADLINES],
        dimensions=[(key, figures[key]) for key in DIMENSION_FIGURES],
        dimension_axis=axis_of(figures[key] for key in DIMENSION_FIGURES),
        bar=_bar(report.aapor),
        bar_width=BAR_WIDTH,
        words=words,
    )


@router.get("/strata", access=READERS)
async def strata(request: Request, period: PeriodQuery = None) -> Response:
    runtime = runtime_of(request)
    asked = await period_of(request, period)
    opened = await open_month(runtime, asked)
    return render(
        request,
        "strata.html",
        now=await runtime.now(),
        report=opened.summary,
        closed_at=opened.month.ledger.closed_at,
        periods=await periods_of(request),
        words=words,
    )


def _bar(aapor: Aapor) -> list[tuple[AaporOutcome, int, float, float]]:
    counts = [aapor.counts[outcome] for outcome in COUNTED]
    pieces = stacked(counts, width=BAR_WIDTH)
    return [(o, c, p.start, p.width) for o, c, p in zip(COUNTED, counts, pieces, strict=True)]
