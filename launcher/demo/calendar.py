"""The month that is played, on the operator's clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PERIOD = "2026-10"
ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 31


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A minute of the month; day 32 is the first of November."""
    return (datetime(2026, 10, 1, tzinfo=ZONE) + timedelta(days=day - 1, hours=hour, minutes=minute)).astimezone(UTC)


BEGIN = at(1, 0)
LAST_DAY_HEARD = at(31 + 12, 12)
"""By then every callback of the month has its end: windows, retries, links, second callbacks."""
CLOSED = at(31 + 30 + 1, 1)
"""The sampling period is closed, its figures are final."""


HOURS = (11, 16, 21)
"""On the operator's clock: when CRMs publish what was finished since, and when people sit down to their letters."""


def next_lot(instant: datetime, hours: tuple[int, ...] = HOURS, *, minute: int = 0) -> datetime:
    """The first of these hours, `minute` past, at or after `instant`."""
    local = instant.astimezone(ZONE)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found = (day + timedelta(days=days, hours=hour, minutes=minute) for days in (0, 1) for hour in hours)
    return next(lot for lot in found if lot >= local).astimezone(UTC)
