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


def next_hour(instant: datetime) -> datetime:
    """The full hour at or after `instant`."""
    whole = instant.replace(minute=0, second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(hours=1)
