"""What a number opens: the responses it counts, or the services that ended in one outcome."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from chassis.web.pages import render, runtime_of
from chassis.web.paging import pages_of
from chassis.web.router import GuardedRouter
from contracts.outcomes import AaporOutcome
from contracts.vocabulary import Explanation
from services.reporting import words
from services.reporting.doors import (
    READERS,
    FigureQuery,
    FiltersQuery,
    PageQuery,
    ReportKey,
    known_figure,
)
from services.reporting.figure import Filters
from services.reporting.listing import responses_of
from services.reporting.outcomes import outcome_of
from services.reporting.pages.opening import asked_period, chosen
from services.reporting.reports import span_of
from services.reporting.store import cases as cases_store
from services.reporting.store import month as month_store

PAGE = 50

router = GuardedRouter()


@router.get("/cases", access=READERS)
async def cases(
    request: Request,
    filters: FiltersQuery,
    period: ReportKey = None,
    figure: FigureQuery = "valid",
    page: PageQuery = 1,
) -> Response:
    runtime = runtime_of(request)
    asked, _others = await asked_period(request, period)
    key, filters = known_figure(figure), chosen(filters)
    frame = (await span_of(runtime, asked)).frame
    found = responses_of(frame, key, None, offset=(page - 1) * PAGE, limit=PAGE, filters=filters)
    ids = [row.response_id for row in found.rows]
    async with runtime.reading() as connection:
        followed = await cases_store.cases_of(connection, ids)
        promised = await cases_store.promises_of(connection, ids)
    return render(
        request,
        "cases.html",
        now=await runtime.now(),
        period=asked.key,
        figure=key,
        filters=filters,
        query=_query(asked.key, key, filters),
        found=found,
        followed=followed,
        promised=promised,
        page=page,
        pages=pages_of(found.total, PAGE),
        words=words,
    )


@router.get("/outcomes", access=READERS)
async def outcomes(
    request: Request, outcome: Annotated[AaporOutcome, Query()], period: ReportKey = None, page: PageQuery = 1
) -> Response:
    """The selected services that one AAPOR count counts."""
    runtime = runtime_of(request)
    asked, _others = await asked_period(request, period)
    wanted = [end for end in (None, *Explanation) if outcome_of(end) is outcome]
    explanations = (await span_of(runtime, asked)).explanations
    async with runtime.reading() as connection:
        ends = await month_store.ends(
            connection, asked.months, asked.starts, asked.ends, wanted, offset=(page - 1) * PAGE, limit=PAGE
        )
    total = sum(number for end, number in explanations.items() if end in wanted)
    return render(
        request,
        "outcomes.html",
        now=await runtime.now(),
        period=asked.key,
        outcome=outcome,
        ends=ends,
        total=total,
        page=page,
        pages=pages_of(total, PAGE),
        words=words,
    )


def _query(period: str, figure: str, filters: Filters) -> str:
    return urlencode({"period": period, "figure": figure, **filters.query()})
