"""Reports by the calendar, on Mondays and on the first of a month.

What has ended is published; what has changed since gets a new number.
A published revision is never changed. A void or a late answer makes the next one. Readers are not told of a new one on
each day of a month that goes on: every answer moves the weights of all its weeks a little.
"""

import calendar
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chassis.runtime import Loop, Runtime
from chassis.zones import instant_of
from contracts.events.reporting import ReportPublished
from services.reporting.calendar import ReportPeriod, month_of, period_of, week_of
from services.reporting.model import Report
from services.reporting.reports import open_report, report_of, sealed
from services.reporting.store import reports as store
from services.reporting.store.reports import Stored
from services.reporting.verifying import ask_for_verification

MORNING = time(6)


async def publish_due(runtime: Runtime) -> int:
    """Far scores are asked about every morning; on days of reports after all periods were looked at, one a pass."""
    now, zone = await runtime.now(), ZoneInfo(runtime.settings.operator_zone)
    async with runtime.reading() as connection:
        due = await store.next_due(connection)
        months = await store.months(connection)
        if due is not None and now < due:
            return 0
        seen = {} if due is None else await store.seen(connection, due)
    is_day = due is not None and is_day_of_reports(due, zone)
    waiting = _first_changed(ended(months, now, zone), seen) if is_day else None
    if waiting is None:
        for key in list(months)[-2:] if due else ():
            await ask_for_verification(runtime, period_of(key, zone))
        async with runtime.transaction() as tx:
            await store.put_due(tx.connection, next_morning(now, zone))
        return 0
    period, changes = waiting
    await publish(runtime, period)
    async with runtime.transaction() as tx:
        await store.see(tx.connection, period.key, changes, now)
    return 1


async def publish(runtime: Runtime, period: ReportPeriod) -> Report | None:
    """The next revision, told to everybody; None when no figure has changed since the last one, or there is none."""
    live = await open_report(runtime, period, current=True)
    content, estimates = live.content, live.content.estimates_digest()
    hidden = await sealed(runtime, period, content)
    took = content.efficiency.duration if content.efficiency else None
    duration = took.seconds if took and took.low is not None else None
    points = {trend.key: trend.points[-1] for trend in content.trends}
    async with runtime.transaction() as tx:
        last = await store.newest(tx.connection, period.key)
        if content.summary.empty or (last is not None and last[1] == estimates):
            return None
        report = report_of(period, content, revision=last[0] + 1 if last else 1, now=tx.now)
        header = report.header
        if not await store.add(tx.connection, Stored(header, estimates, hidden, points, duration)):
            return None
        tx.emit(
            ReportPublished(
                period=header.key,
                revision=header.revision,
                digest=header.digest,
                links=(f"/reporting/api/v1/reports/{header.key}?revision={header.revision}",),
                published_at=tx.now,
            )
        )
    return report


def ended(months: Mapping[str, int], now: datetime, zone: ZoneInfo) -> dict[str, tuple[ReportPeriod, int]]:
    """Every week and month with data that is over, the oldest first, and how often its months have changed."""
    found: dict[str, ReportPeriod] = {}
    for key in months:
        month = month_of(period_of(key, zone).first, zone)
        day = month.first
        while day <= month.last:
            week = week_of(day, zone)
            found[week.key] = week
            day = week.last + timedelta(days=1)
        found[month.key] = month
    over = sorted((one for one in found.values() if one.ends <= now), key=lambda one: (one.ends, one.key))
    return {one.key: (one, sum(months.get(month, 0) for month in one.months)) for one in over}


def is_day_of_reports(morning: datetime, zone: ZoneInfo) -> bool:
    """A week or a month has ended in the night before."""
    day = morning.astimezone(zone).date()
    return day.weekday() == calendar.MONDAY or day.day == 1


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    today = instant_of(datetime.combine(local.date(), MORNING), zone)
    return today if today > now else instant_of(datetime.combine(local.date() + timedelta(days=1), MORNING), zone)


def _first_changed(
    periods: Mapping[str, tuple[ReportPeriod, int]], seen: Mapping[str, int | None]
) -> tuple[ReportPeriod, int] | None:
    for key, (period, changes) in periods.items():
        if key not in seen or seen[key] not in (None, changes):
            return period, changes
    return None


LOOPS = (Loop("reports", publish_due, timedelta(seconds=30), store.next_due),)
