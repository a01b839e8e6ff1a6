"""Entries that go back to the CRM, in the order in which they happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

ORDER = """xid < pg_snapshot_xmin(pg_current_snapshot())"""


@dataclass(frozen=True)
class NewEntry:
    """`facts`: what is no personal data; answers and texts are sealed."""

    entry_id: str
    kind: str
    source: str
    customer_ref: str
    month: str
    facts: str
    answers: str | None
    texts: str | None


@dataclass(frozen=True)
class Entry:
    entry_id: str
    kind: str
    source: str
    customer_ref: str
    month: str
    told_at: datetime
    facts: Mapping[str, Any]
    answers: str | None
    texts: str | None
    place: tuple[int, int]


@dataclass(frozen=True)
class Since:
    """After this place; and not before this instant."""

    place: tuple[int, int] = (0, 0)
    instant: datetime | None = None


_ENTRY = "entry_id, kind, source, customer_ref, month, told_at, facts, answers, texts, xid::text AS xid, position"


async def insert(connection: asyncpg.Connection, entries: Sequence[NewEntry], now: datetime) -> None:
    """Each once; in the order given."""
    names = ("entry_id", "kind", "source", "customer_ref", "month", "facts", "answers", "texts")
    await connection.execute(
        """INSERT INTO record_feed (entry_id, kind, source, customer_ref, month, facts, answers, texts, told_at)
           SELECT entry_id, kind, source, customer_ref, month, facts::jsonb, answers, texts, $9
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
             WITH ORDINALITY
             AS new (entry_id, kind, source, customer_ref, month, facts, answers, texts, place)
           ORDER BY place
           ON CONFLICT (entry_id) DO NOTHING""",
        *[[getattr(entry, name) for entry in entries] for name in names],
        now,
    )


async def page(connection: asyncpg.Connection, source: str, since: Since, limit: int) -> list[Entry]:
    """Of one source, in order. What a transaction still writes comes in a later page, never behind the reader."""
    xid, position = since.place
    rows = await connection.fetch(
        f"""SELECT {_ENTRY} FROM record_feed
            WHERE source = $1 AND (xid, position) > ($2::text::xid8, $3) AND {ORDER}
              AND ($4::timestamptz IS NULL OR told_at >= $4)
            ORDER BY record_feed.xid, position LIMIT $5""",  # noqa: S608  own columns
        source, str(xid), position, since.instant, limit,
    )  # fmt: skip
    return [_entry(row) for row in rows]


async def entries(connection: asyncpg.Connection, entry_ids: Sequence[str]) -> list[Entry]:
    rows = await connection.fetch(
        f"SELECT {_ENTRY} FROM record_feed WHERE entry_id = ANY ($1)",  # noqa: S608  own columns
        list(entry_ids),
    )
    return [_entry(row) for row in rows]


async def forget_texts(connection: asyncpg.Connection, customers: Sequence[str]) -> None:
    """The keys are gone; what they sealed need not stay."""
    await connection.execute(
        "UPDATE record_feed SET texts = NULL WHERE customer_ref = ANY ($1) AND texts IS NOT NULL", customers
    )


def _entry(row: asyncpg.Record) -> Entry:
    told = {name: row[name] for name in row.keys() if name not in ("xid", "position")}  # noqa: SIM118  a record
    return Entry(**told, place=(int(row["xid"]), row["position"]))
