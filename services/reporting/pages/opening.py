"""What every page of the report begins with: the period that was asked for, its report, and the filters."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from fastapi import Request

from chassis.web.pages import runtime_of
from services.reporting.calendar import ReportPeriod, period_of, week_of
from services.reporting.doors import periods_of, report_period
from services.reporting.figure import Filters
from services.reporting.model import PeriodKind, Report
from services.reporting.reports import open_report


@dataclass(frozen=True)
class Opened:
    """`others`: the periods to switch to, of the same kind, newest first."""

    report: Report
    period: ReportPeriod
    others: list[str]


async def opened(request: Request, period: str | None, *, kind: PeriodKind = PeriodKind.MONTH) -> Opened:
    """The asked period, else the newest of its kind with data."""
    runtime = runtime_of(request)
    asked, others = await asked_period(request, period, kind=kind)
    return Opened(await open_report(runtime, asked), asked, others)


async def asked_period(
    request: Request, period: str | None, *, kind: PeriodKind = PeriodKind.MONTH
) -> tuple[ReportPeriod, list[str]]:
    """Raises 422 for what is no period."""
    zone = ZoneInfo(runtime_of(request).settings.operator_zone)
    months = await periods_of(request)
    asked = await report_period(request, period) if period is not None else None
    others = months if (asked.kind if asked else kind) is PeriodKind.MONTH else await _weeks(request, months, zone)
    return asked or period_of(others[0], zone), others


async def _weeks(request: Request, months: list[str], zone: ZoneInfo) -> list[str]:
    """The weeks of the newest three months that have begun."""
    now = await runtime_of(request).now()
    found: dict[str, None] = {}
    for month in months[:3]:
        for day in sorted(_days(period_of(month, zone)), reverse=True):
            week = week_of(day, zone)
            if week.starts <= now:
                found[week.key] = None
    return sorted(found, reverse=True) or [week_of(now.astimezone(zone).date(), zone).key]


def _days(month: ReportPeriod) -> list[date]:
    return [month.first.replace(day=number) for number in range(1, month.last.day + 1)]


def chosen(filters: Filters) -> Filters:
    """A form sends what was not chosen as an empty word."""
    return Filters.model_validate({name: value for name, value in filters.query().items() if value})
