"""Rows on their way to Kafka, written in the same transaction as what they tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json

from contracts.envelope import Event, Headers, type_of
from contracts.ids import event_id

_INSERT = """
INSERT INTO outbox (event_id, topic, key, headers, payload)
SELECT event_id, topic, key, headers, payload
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
     WITH ORDINALITY AS rows (event_id, topic, key, headers, payload, nth)
ORDER BY nth
"""


@dataclass(frozen=True)
class OutboxRow:
    event_id: UUID
    topic: str
    key: str
    headers: bytes
    payload: bytes


def row_of(event: Event, *, service: str, now: datetime, cause: UUID | None) -> OutboxRow:
    """The record of one event; its id is made here and stays the same however often the relay sends it."""
    identifier = event_id(now)
    headers = Headers(
        event_id=identifier,
        source=f"/aftercall/{service}",
        type=type_of(type(event)),
        time=now,
        correlation=event.correlation(),
        cause=cause,
    )
    payload = event.__pydantic_serializer__.to_json(event, exclude_none=True)
    return OutboxRow(identifier, event.topic, event.key(), pack(headers.pairs()), payload)


def pack(headers: Sequence[tuple[str, str]]) -> bytes:
    return to_json(headers)


def unpack(packed: bytes) -> list[tuple[str, bytes]]:
    """Headers as the producer wants them: a list."""
    return [(name, value.encode()) for name, value in from_json(packed)]


async def write(connection: asyncpg.Connection, rows: Sequence[OutboxRow]) -> None:
    """All rows in one statement; their positions follow the order given."""
    if not rows:
        return
    await connection.execute(
        _INSERT,
        [row.event_id for row in rows],
        [row.topic for row in rows],
        [row.key for row in rows],
        [row.headers for row in rows],
        [row.payload for row in rows],
    )
