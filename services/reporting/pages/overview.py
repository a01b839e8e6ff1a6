"""The period at a glance, whole or filtered, with or without flagged answers; and its strata."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.web.pages import render, runtime_of
from chassis.web.router import GuardedRouter
from contracts.outcomes import AaporOutcome
from services.reporting import words
from services.reporting.composing.content import figures_of
from services.reporting.documents import cells
from services.reporting.documents.blocks import Diagram
from services.reporting.documents.chapters import findings, trends
from services.reporting.doors import READERS, FiltersQuery, ReportKey
from services.reporting.figure import Figure, Filters
from services.reporting.figures import DIMENSION_FIGURES, HEADLINES
from services.reporting.model import Report
from services.reporting.months import LIMITS
from services.reporting.outcomes import COUNTED
from services.reporting.pages.charts import TOOLS
from services.reporting.pages.opening import Opened, chosen, opened
from services.reporting.parts import matching
from services.reporting.report import Aapor
from services.reporting.reports import span_of
from services.reporting.sample import Sample
from services.reporting.scales import axis_of, stacked
from services.reporting.span import Span

BAR_WIDTH = 600
OFFERED = ("scenario", "channel", "team", "product", "region")
"""Filters that the page offers; the address takes every one of `Filters`."""

router = GuardedRouter()


class Flagged(StrEnum):
    WITH = "with"
    WITHOUT = "without"


@router.get("/overview", access=READERS)
async def overview(
    request: Request,
    filters: FiltersQuery,
    period: ReportKey = None,
    flagged: Annotated[Flagged, Query()] = Flagged.WITH,
) -> Response:
    runtime = runtime_of(request)
    found, filters = await opened(request, period), chosen(filters)
    span = await span_of(runtime, found.period)
    figures = await _figures(found, span, filters, flagged)
    report = found.report.content.summary
    return render(
        request,
        "overview.html",
        now=await runtime.now(),
        key=found.period.key,
        header=found.report.header,
        report=report,
        others=found.others,
        figures=figures,
        headlines=[(key, figures[key], axis_of([figures[key]])) for key in HEADLINES],
        dimensions=[(key, figures[key]) for key in DIMENSION_FIGURES],
        dimension_axis=axis_of(figures[key] for key in DIMENSION_FIGURES),
        diagrams=_diagrams(found.report),
        offered=_offered(span.sample()),
        filters=filters,
        flagged=flagged.value,
        opens=cells.opens,
        tools=TOOLS,
        bar=_bar(report.aapor),
        bar_width=BAR_WIDTH,
        words=words,
    )


@router.get("/strata", access=READERS)
async def strata(request: Request, period: ReportKey = None) -> Response:
    runtime = runtime_of(request)
    found = await opened(request, period)
    span = await span_of(runtime, found.period)
    return render(
        request,
        "strata.html",
        now=await runtime.now(),
        key=found.period.key,
        report=found.report.content.summary,
        closed_at=span.ledger.closed_at,
        others=found.others,
        words=words,
    )


async def _figures(found: Opened, span: Span, filters: Filters, flagged: Flagged) -> Mapping[str, Figure]:
    """Those of the report, or a domain of the same sample."""
    content = found.report.content
    if flagged is Flagged.WITHOUT:
        filters = filters.model_copy(update={"quality": "unflagged"})
    if not filters.query():
        return content.summary.figures
    within = matching(filters)
    keys = (*HEADLINES, *DIMENSION_FIGURES)

    def made() -> dict[str, Figure]:
        make = figures_of(span, LIMITS)
        return {key: make.figure(key, within, filters) for key in keys}

    return await asyncio.to_thread(made)


def _diagrams(report: Report) -> list[tuple[str, Diagram]]:
    """Strengths and shortcomings, and the first trend."""
    chapters = (findings.conclusions(report), trends.trend(report))
    firsts = [
        next(((chapter.title, block) for block in chapter.blocks if isinstance(block, Diagram)), None)
        for chapter in chapters
    ]
    return [first for first in firsts if first is not None]


def _offered(sample: Sample) -> list[tuple[str, Sequence[str]]]:
    """Each filter with the values of the period's counted answers."""
    values = ((name, sample.values(name)) for name in OFFERED)
    return [(name, found) for name, found in values if found]


def _bar(aapor: Aapor) -> list[tuple[AaporOutcome, int, float, float]]:
    counts = [aapor.counts[outcome] for outcome in COUNTED]
    pieces = stacked(counts, width=BAR_WIDTH)
    return [(o, c, p.start, p.width) for o, c, p in zip(COUNTED, counts, pieces, strict=True)]
