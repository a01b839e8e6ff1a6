"""The periods of reports on the operator's calendar, pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chassis.zones import instant_of
from services.reporting.model import PeriodKind

MONTH_KEY = r"\d{4}-(?:0[1-9]|1[0-2])"
WEEK_KEY = r"\d{4}-W(?:0[1-9]|[1-4]\d|5[0-3])"


class UnknownPeriod(Exception):
    """The text names no month (2026-10) and no ISO week (2026-W41)."""


@dataclass(frozen=True)
class ReportPeriod:
    """From the first midnight to the midnight after the last day, operator's zone. `months`: sampling periods in it."""

    kind: PeriodKind
    key: str
    first: date
    last: date
    zone: ZoneInfo

    @property
    def starts(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f"{day:%Y-%m}" for day in (self.first, self.last)))


def period_of(key: str, zone: ZoneInfo) -> ReportPeriod:
    """`2026-10` or `2026-W41`. Raises `UnknownPeriod`."""
    if re.fullmatch(MONTH_KEY, key):
        first = date.fromisoformat(f"{key}-01")
        after = (first + timedelta(days=32)).replace(day=1)
        return ReportPeriod(PeriodKind.MONTH, key, first, after - timedelta(days=1), zone)
    if re.fullmatch(WEEK_KEY, key):
        try:
            first = date.fromisocalendar(int(key[:4]), int(key[6:]), 1)
        except ValueError:
            raise UnknownPeriod(f"{key}: that year has no such week") from None
        return ReportPeriod(PeriodKind.WEEK, key, first, first + timedelta(days=6), zone)
    raise UnknownPeriod(f"{key}: a month such as 2026-10 or a week such as 2026-W41 is wanted")


def month_of(day: date, zone: ZoneInfo) -> ReportPeriod:
    return period_of(f"{day:%Y-%m}", zone)


def week_of(day: date, zone: ZoneInfo) -> ReportPeriod:
    year, week, _weekday = day.isocalendar()
    return period_of(f"{year}-W{week:02}", zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return instant_of(datetime.combine(day, time()), zone).astimezone(UTC)
