"""Who may read figures, and the query parameters that pages and API share."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Request

from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import roles
from services.reporting.listing import SELECTIONS
from services.reporting.store import month as store

READERS = roles(Role.ANALYST, Role.SUPERVISOR, Role.ADMIN)
READER_ROLES = frozenset({Role.ANALYST, Role.SUPERVISOR, Role.ADMIN})

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
    if figure not in SELECTIONS:
        offered = ", ".join(SELECTIONS)
        raise Problem(422, _("没有这个数字"), errors=[{"field": "figure", "rule": f"must be one of: {offered}"}])
    return figure
