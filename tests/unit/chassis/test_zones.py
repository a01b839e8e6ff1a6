from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chassis.zones import instant_of


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-10-15T10:20:00", "Asia/Shanghai", "2026-10-15T02:20:00"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:00:00"),  # in the gap: its end
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00"),  # twice: the first time
        ("2026-03-08T02:00:00", "America/New_York", "2026-03-08T07:00:00"),
        ("2011-12-30T12:00:00", "Pacific/Apia", "2011-12-30T10:00:00"),  # the day that never was
    ],
)
def test_local_time_becomes_the_first_valid_instant(wall: str, zone: str, instant: str) -> None:
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert instant_of(datetime.fromisoformat(wall), ZoneInfo(zone)) == expected
