"""One topic laid out as a temporary table, beside what was known of its producers and consumers when it was read."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from chassis.clock import business_now
from chassis.consumer import INBOX_MEMORY
from contracts.topics import BY_NAME, DEAD_LETTER_SUFFIX, FOREVER
from launcher.verify.auditor import Auditor
from launcher.verify.records import Line, Offsets, Subject, line_of, read
from launcher.verify.verdict import NAMED, Check, Defect, Kind
from launcher.verify.watermark import Cursor, Watermark

_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS told (
    partition int NOT NULL, "offset" bigint NOT NULL, event_id uuid NOT NULL, key text NOT NULL, producer text NOT NULL,
    cause uuid, at timestamptz NOT NULL, digest bytea NOT NULL, subject text, revision bigint NOT NULL
)
"""
_COLUMNS = [field.name for field in fields(Line)]
_YOUNG = """
SELECT event_id, payload, written_at FROM {service}.outbox
WHERE topic = $1 AND (xid, position) > ($2::text::xid8, $3)
"""
_REFUSED = """
SELECT event_id, payload, 'refused by the broker' AS why FROM {service}.outbox_dead WHERE topic = $1
UNION ALL
SELECT event_id, payload, 'waiting behind a refused row' FROM {service}.outbox_waiting WHERE topic = $1
"""


@dataclass(frozen=True)
class Untold:
    """An event that is not expected on the topic yet, or never will be."""

    event_id: UUID
    subject: str | None
    revision: int
    written_at: datetime | None
    """None: set aside."""


@dataclass(frozen=True)
class Sheet:
    """The records below the watermark, and by `connection` one view of the database that is younger than them."""

    topic: str
    producers: Mapping[str, Cursor]
    consumers: Mapping[str, Offsets]
    firsts: Offsets
    before_ends: datetime
    remembered: UUID
    """Ids from here on are in the inboxes of those who received them."""
    connection: asyncpg.Connection
    untold: Mapping[str, Sequence[Untold]]

    @property
    def intake(self) -> bool:
        return self.topic in BY_NAME and BY_NAME[self.topic].intake

    @property
    def dead_letters(self) -> bool:
        return self.topic.endswith(DEAD_LETTER_SUFFIX)

    @property
    def expired(self) -> bool:
        """Records were deleted at the broker, as the retention of the topic says."""
        return self.retention != FOREVER and any(self.firsts.values())

    @property
    def retention(self) -> timedelta:
        return timedelta(days=30) if self.dead_letters else BY_NAME[self.topic].retention


async def defects(
    check: Check, sheet: Sheet, sql: str, *arguments: object, kind: Kind, service: str, sentence: str
) -> None:
    """Every row of the statement is a defect; its first column is the subject, a second one goes into the sentence."""
    rows = await sheet.connection.fetch(
        f"SELECT *, count(*) OVER () AS total FROM ({sql}) AS found LIMIT {NAMED}",  # noqa: S608  our own statements
        *arguments,
    )
    named = [Defect(kind, service, sheet.topic, str(r[0]), sentence.format(*r.values())) for r in rows]
    check.found(kind, rows[0]["total"] if rows else 0, named)


@asynccontextmanager
async def laid_out(
    auditor: Auditor,
    mark: Watermark,
    topic: str,
    *,
    producers: Sequence[str],
    consumers: Sequence[str],
    subject: Subject | None,
) -> AsyncIterator[Sheet]:
    """The topic's records below the mark in the temporary table `told`, and a view of the database younger than it."""
    scratch, place = auditor.scratch, mark.topics[topic]
    await scratch.execute(_TABLE)
    await scratch.execute("TRUNCATE told")
    intake = topic in BY_NAME and BY_NAME[topic].intake
    async for batch in read(auditor.consumer, topic, place.firsts, place.ends):
        lines = [astuple(line_of(record, intake=intake, subject=subject)) for record in batch]
        await scratch.copy_records_to_table("told", records=lines, columns=_COLUMNS)
    await scratch.execute("ANALYZE told")
    cursors = {name: mark.cursors[name] for name in producers}
    settled = {name: mark.settled[name].get(topic, {}) for name in consumers}
    async with scratch.transaction(isolation="repeatable_read", readonly=True):
        untold = {name: await _untold(scratch, topic, name, cursors[name], subject) for name in producers}
        remembered = await remembered_since(scratch)
        yield Sheet(topic, cursors, settled, place.firsts, mark.before_ends, remembered, scratch, untold)


async def _untold(
    connection: asyncpg.Connection, topic: str, service: str, cursor: Cursor, subject: Subject | None
) -> list[Untold]:
    """Rows that the relay had not sent, and rows that it could not send."""
    found: list[Untold] = []
    young = connection.cursor(_YOUNG.format(service=service), topic, cursor.xid, cursor.position, prefetch=1000)
    async for row in young:
        name, revision = subject.of(row["payload"]) if subject else (None, 0)
        found.append(Untold(row["event_id"], name, revision, row["written_at"]))
    for row in await connection.fetch(_REFUSED.format(service=service), topic):
        name, revision = subject.of(row["payload"]) if subject else (None, 0)
        found.append(Untold(row["event_id"], name, revision, None))
    return found


async def remembered_since(connection: asyncpg.Connection) -> UUID:
    """Inboxes keep ids for 90 days of either clock."""
    machine = await connection.fetchval("SELECT clock_timestamp()")
    oldest = min(await business_now(connection), machine) - INBOX_MEMORY
    return UUID(int=int(oldest.timestamp() * 1000) << 80)
