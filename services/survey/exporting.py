"""Records of a period handed out as a whole: who took them and why is kept before they leave."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.access import audit
from chassis.access.person import Person
from chassis.runtime import Runtime
from services.survey import records
from services.survey.records import Record
from services.survey.store import records as kept
from services.survey.store.records import Period

MOST = 10_000
"""Callbacks in one spreadsheet."""
_AT_ONCE = 200  # opened in one go: others are served in between


class TooMany(Exception):
    """More callbacks than are handed out at once."""

    def __init__(self, total: int) -> None:
        super().__init__(f"{total} callbacks")
        self.total = total


@dataclass(frozen=True)
class Days:
    """Whole days of the operator, both ends included; `first` is not after `last`."""

    first: date
    last: date

    def period(self, zone: ZoneInfo, *, agent: str | None = None) -> Period:
        begins = datetime.combine(self.first, datetime.min.time(), zone)
        ends = datetime.combine(self.last + timedelta(days=1), datetime.min.time(), zone)
        return Period(begins, ends, agent=agent)


async def exported(runtime: Runtime, person: Person, days: Days, reason: str) -> list[Record]:
    """All records of these days, the latest contact first. Raises `TooMany`."""
    period = days.period(ZoneInfo(runtime.settings.operator_zone))
    async with runtime.reading() as connection:
        total = await kept.count(connection, period)
        ids = await kept.callback_ids(connection, period, limit=MOST)
    if total > MOST:
        raise TooMany(total)
    await _note(runtime, person, days, reason, rows=len(ids))
    return [
        record
        for begins in range(0, len(ids), _AT_ONCE)
        for record in await records.records_of(runtime, ids[begins : begins + _AT_ONCE])
    ]


async def exported_page(
    runtime: Runtime, person: Person, days: Days, reason: str, *, limit: int, offset: int
) -> tuple[int, list[Record]]:
    """How many callbacks these days have, and some of their records, the latest contact first."""
    period = days.period(ZoneInfo(runtime.settings.operator_zone))
    async with runtime.reading() as connection:
        total = await kept.count(connection, period)
        ids = await kept.callback_ids(connection, period, limit=limit, offset=offset)
    await _note(runtime, person, days, reason, rows=len(ids))
    return total, await records.records_of(runtime, ids)


async def _note(runtime: Runtime, person: Person, days: Days, reason: str, *, rows: int) -> None:
    async with runtime.reading() as connection:
        await audit.record(
            connection, person, action="records exported", subject=f"records:{days.first}..{days.last}", reason=reason,
            detail={"rows": rows},
        )  # fmt: skip
