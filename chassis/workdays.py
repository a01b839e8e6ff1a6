"""Working days and working hours: public holidays, make-up working days and the operator's own table.

Working time is 09:00 to 18:00 local time of each working day. For whole working days an instant outside it counts as
the last moment of working time before it: n working days are then n whole days for the one who must answer, and a later
start never gives an earlier end. The table is TOML:

    holidays = [2027-02-11]      # days off besides the library's
    workdays = [2027-02-14]      # days worked although weekend or holiday
    published = [2027]           # years whose official list is in this table or confirmed
    weekend = [6, 7]             # ISO weekdays; this is the default
"""

import hashlib
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays

from chassis.settings import SettingsError
from chassis.zones import instant_of

_LIBRARY: Final = version("holidays")
OPENS: Final = time(9)
CLOSES: Final = time(18)
_DAY = timedelta(days=1)
_TABLE_KEYS = {"holidays", "workdays", "published", "weekend"}


@dataclass(frozen=True)
class Overrides:
    """The operator's table. `digest` tells one table from another."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    published: frozenset[int] = frozenset()
    weekend: frozenset[int] = frozenset({6, 7})
    digest: str = "none"


@dataclass(frozen=True)
class _Year:
    off: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True)
class Calendar:
    """Days of one country. Pure: equal `version` gives equal answers."""

    country: str
    overrides: Overrides = field(default_factory=Overrides)

    @property
    def version(self) -> str:
        return f"holidays {_LIBRARY} {self.country} overrides {self.overrides.digest}"

    def is_workday(self, d: date) -> bool:
        if d in self.overrides.workdays:
            return True
        year = _year(self.country, d.year)
        if d in self.overrides.holidays:
            return False
        if d in year.worked:
            return True
        return d.isoweekday() not in self.overrides.weekend and d not in year.off

    def is_provisional(self, year: int) -> bool:
        """True while the official list of days off and make-up days of this year is not known."""
        return year not in self.overrides.published and year > _last_published(self.country)

    def add_workdays(self, start: datetime, n: int, zone: ZoneInfo) -> datetime:
        """The same local time on the n-th working day after `start` (n ≥ 1); UTC.

        A start outside working time counts as the close of the last working day before it, so the end is 18:00 then.
        """
        if n < 1:
            raise ValueError(f"add_workdays wants at least 1 working day, not {n}")
        day, at = self._worked_moment(start, zone)
        for _ in range(n):
            day = self._next_workday(day)
        return instant_of(datetime.combine(day, at), zone)

    def workdays_between(self, a: datetime, b: datetime, zone: ZoneInfo) -> int:
        """How many working days after `a` have begun by `b`; negative when `b` lies before `a`.

        `workdays_between(start, add_workdays(start, n, zone), zone) == n`.
        """
        first, last = self._worked_moment(a, zone)[0], self._worked_moment(b, zone)[0]
        if last < first:
            return -self._workdays_within(last, first)
        return self._workdays_within(first, last)

    def add_working_hours(self, start: datetime, hours: float, zone: ZoneInfo) -> datetime:
        """The instant after `hours` of working time from `start`, before it when negative; UTC.

        No hours: `start` itself. An end at the close of a day is that close, not the next opening.
        """
        left = timedelta(hours=abs(hours))
        moment = start.astimezone(UTC)
        day = moment.astimezone(zone).date()
        step = _DAY if hours >= 0 else -_DAY
        while left:
            if self.is_workday(day):
                opens, closes = self._span(day, zone)
                room = closes - max(moment, opens) if hours >= 0 else min(moment, closes) - opens
                if left <= room:
                    return max(moment, opens) + left if hours >= 0 else min(moment, closes) - left
                left -= max(room, timedelta(0))
            day += step
        return moment

    def _worked_moment(self, instant: datetime, zone: ZoneInfo) -> tuple[date, time]:
        """Working day and local time of `instant`, or the close of the last working day before it."""
        local = instant.astimezone(zone)
        day, at = local.date(), local.time()
        if self.is_workday(day) and at >= OPENS:
            return day, min(at, CLOSES)
        day -= _DAY
        while not self.is_workday(day):
            day -= _DAY
        return day, CLOSES

    def _next_workday(self, day: date) -> date:
        day += _DAY
        while not self.is_workday(day):
            day += _DAY
        return day

    def _workdays_within(self, after: date, until: date) -> int:
        return sum(self.is_workday(after + _DAY * offset) for offset in range(1, (until - after).days + 1))

    def _span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        return instant_of(datetime.combine(day, OPENS), zone), instant_of(datetime.combine(day, CLOSES), zone)


@cache
def calendar(country: str = "CN", overrides: Path | None = None) -> Calendar:
    """The calendar of a country with the operator's table. Raises `SettingsError` for a table that does not hold."""
    try:
        holidays.country_holidays(country)  # asking for the list of all countries would load every one of them
    except NotImplementedError:
        message = f"AFTERCALL_CALENDAR_COUNTRY is {country}, which is no country with a known calendar."
        raise SettingsError(message) from None
    return Calendar(country, _read(overrides) if overrides else Overrides())


@cache
def _year(country: str, year: int) -> _Year:
    days = holidays.country_holidays(country, years=year)
    # make-up days are known only for years that were asked for: one object a year
    return _Year(off=frozenset(days), worked=frozenset(day for day in days.weekend_workdays if day.year == year))


@cache
def _last_published(country: str) -> int:
    """China publishes a list each November; other countries' days follow from their laws and are always known."""
    if country != "CN":
        return date.max.year
    special: dict[int, Any] = getattr(holidays.country_holidays(country), "special_public_holidays", {})
    return max(special, default=0)


def _read(table: Path) -> Overrides:
    try:
        raw = table.read_bytes()
        content = tomllib.loads(raw.decode())
    except (OSError, ValueError) as error:
        raise SettingsError(f"The calendar table {table} cannot be read: {error}.") from None
    if unknown := set(content) - _TABLE_KEYS:
        raise SettingsError(f"The calendar table {table} has unknown keys: {', '.join(sorted(unknown))}.")
    found = Overrides(
        holidays=_dates(content, "holidays", table),
        workdays=_dates(content, "workdays", table),
        published=_numbers(content, "published", table, least=2001, most=2200),
        weekend=_numbers(content, "weekend", table, least=1, most=7) if "weekend" in content else frozenset({6, 7}),
        digest=hashlib.sha256(raw).hexdigest()[:12],
    )
    if both := found.holidays & found.workdays:
        raise SettingsError(f"The calendar table {table} has {min(both)} as holiday and as workday.")
    if len(found.weekend) > 6:
        raise SettingsError(f"The calendar table {table} leaves no day to work.")
    return found


def _dates(content: dict[str, Any], key: str, table: Path) -> frozenset[date]:
    days = content.get(key, [])
    if not isinstance(days, list) or any(type(day) is not date for day in days):
        raise SettingsError(f"The calendar table {table}: {key} wants a list of dates such as 2027-02-11.")
    return frozenset(days)


def _numbers(content: dict[str, Any], key: str, table: Path, *, least: int, most: int) -> frozenset[int]:
    numbers = content.get(key, [])
    if not isinstance(numbers, list) or any(type(n) is not int or not least <= n <= most for n in numbers):
        raise SettingsError(f"The calendar table {table}: {key} wants a list of numbers from {least} to {most}.")
    return frozenset(numbers)
