"""Published reports as JSON. Readers without access to cases get months only, with small cells hidden."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Request
from pydantic import BaseModel

from chassis.web.gate import person_of
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter
from services.reporting.calendar import MONTH_KEY, WEEK_KEY
from services.reporting.doors import FIGURE_READERS, READER_ROLES, ReportKey, RevisionQuery, report_period
from services.reporting.model import PeriodKind, Report
from services.reporting.months import LIMITS
from services.reporting.reports import published, report_at
from services.reporting.store import reports as store
from services.reporting.suppression import restricted

LISTED = 200

router = GuardedRouter()


class RevisionOut(BaseModel):
    period: str
    revision: int
    kind: PeriodKind
    published_at: datetime
    digest: str


class ReportsOut(BaseModel):
    reports: tuple[RevisionOut, ...]


@router.get("/reports", access=FIGURE_READERS)
async def reports(request: Request, period: ReportKey = None) -> ReportsOut:
    """Published revisions, the newest first, at most 200; of one period or of all."""
    async with runtime_of(request).reading() as connection:
        found = await store.revisions(connection, period, limit=LISTED)
    if not _opens_cases(request):
        newest: dict[str, store.Revision] = {}
        for one in found:
            if one.kind is PeriodKind.MONTH:
                newest.setdefault(one.period, one)
        found = list(newest.values())
    return ReportsOut(reports=tuple(RevisionOut.model_validate(one, from_attributes=True) for one in found))


@router.get("/reports/{period}", access=FIGURE_READERS)
async def report(
    request: Request,
    period: Annotated[str, Path(pattern=rf"^(?:{MONTH_KEY}|{WEEK_KEY})$")],
    revision: RevisionQuery = None,
) -> Report:
    """The newest published revision, or the named one, just as it was published."""
    runtime, asked = runtime_of(request), await report_period(request, period)
    if _opens_cases(request):
        found = await report_at(runtime, asked, revision)
    elif asked.kind is PeriodKind.WEEK or revision is not None:
        # weeks against months, and revisions against each other, would tell single answers by subtraction
        raise Problem(403, _("这里只能看已发布月报的最新一版"))
    else:
        newest = await published(runtime, asked.key)
        found = restricted(newest, LIMITS.k) if newest else None
    if found is None:
        raise Problem(404, _("这一期还没有发布报告"), _("revision=0 给出此刻的数字。"))
    return found


def _opens_cases(request: Request) -> bool:
    person = person_of(request)
    return person is not None and person.role in READER_ROLES
