"""Who may read figures, and the query parameters that pages and API share."""

from collections.abc import Iterable
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request

from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import roles
from services.reporting.calendar import MONTH_KEY, WEEK_KEY, ReportPeriod, UnknownPeriod
from services.reporting.calendar import period_of as calendar_period
from services.reporting.figure import Filters
from services.reporting.listing import SELECTIONS
from services.reporting.store import month as store

READERS = roles(Role.ANALYST, Role.SUPERVISOR, Role.ADMIN)
READER_ROLES = frozenset({Role.ANALYST, Role.SUPERVISOR, Role.ADMIN})

FIGURE_READERS = roles(Role.ANALYST, Role.SUPERVISOR, Role.ADMIN, Role.DEPARTMENT, Role.AGENT, Role.SENIOR_AGENT)
"""Others than `READER_ROLES` have no access to cases: they get published months with small cells hidden."""

ReportKey = Annotated[
    str | None,
    Query(pattern=rf"^(?:{MONTH_KEY}|{WEEK_KEY})$", description="Month or ISO week, such as 2026-10 or 2026-W41."),
]
RevisionQuery = Annotated[int | None, Query(ge=0, le=100_000, description="0: the figures of this moment.")]
Word = Annotated[str | None, Query(max_length=200)]
PeriodQuery = Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="Month, such as 2026-10.")]
StratumQuery = Annotated[str | None, Query(max_length=200)]
FigureQuery = Annotated[str, Query(max_length=40)]
PageQuery = Annotated[int, Query(ge=1, le=100_000)]


async def periods_of(request: Request) -> list[str]:
    """Months with data, newest first; the current month when there is none at all."""
    runtime = runtime_of(request)
    async with runtime.reading() as connection:
        found = await store.periods(connection)
    zone = ZoneInfo(runtime.settings.operator_zone)
    return found or [f"{(await runtime.now()).astimezone(zone):%Y-%m}"]


async def period_of(request: Request, period: str | None) -> str:
    """The asked month, else the newest."""
    return period or (await periods_of(request))[0]


def known_figure(figure: str) -> str:
    """Raises 422 for a word that names no figure."""
    return one_of("figure", figure, SELECTIONS)


def one_of(field: str, word: str, offered: Iterable[str]) -> str:
    """Raises 422 for a word that is not offered."""
    if word not in (words := list(offered)):
        raise Problem(422, _("没有这个数字"), errors=[{"field": field, "rule": f"must be one of: {', '.join(words)}"}])
    return word


async def report_period(request: Request, key: str | None) -> ReportPeriod:
    """The asked month or week, else the newest month. Raises 422 for a week that its year does not have."""
    zone = ZoneInfo(runtime_of(request).settings.operator_zone)
    try:
        return calendar_period(key or (await periods_of(request))[0], zone)
    except UnknownPeriod as error:
        raise Problem(422, _("没有这个时期"), errors=[{"field": "period", "rule": str(error)}]) from None


def filters(
    scenario: Word = None,
    service_type: Word = None,
    team: Word = None,
    agent: Word = None,
    product: Word = None,
    region: Word = None,
    channel: Word = None,
    stratum: Word = None,
    problem: Word = None,
    level: Word = None,
    purchases: Word = None,
    mode: Word = None,
    quality: Word = None,
) -> Filters:
    """Each restricts to one value; together they restrict to all of them."""
    return Filters(
        scenario=scenario,
        service_type=service_type,
        team=team,
        agent=agent,
        product=product,
        region=region,
        channel=channel,
        stratum=stratum,
        problem=problem,
        level=level,
        purchases=purchases,
        mode=mode,
        quality=quality,
    )


FiltersQuery = Annotated[Filters, Depends(filters)]
