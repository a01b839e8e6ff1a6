"""Rows on their way to Kafka, written in the same transaction as what they tell."""

import secrets
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
# The first 15 characters of a UUIDv7 are its time and version. The rest is random, of one random word for all rows:
# a call of gen_random_uuid() for each costs a fifth of the whole statement.
_INSERT_FROM = """
INSERT INTO outbox (event_id, topic, key, headers, payload)
SELECT event_id, {topic}, key,
    convert_to({before} || event_id::text || {between} || to_json(correlation)::text || {after}, 'UTF8'),
    convert_to(payload, 'UTF8')
FROM (
    SELECT key, correlation, payload, ({stamp} || substr(random, 1, 3) || '-8' || substr(random, 4, 3) || '-'
        || substr(random, 7, 12))::uuid AS event_id
    FROM (SELECT *, md5({word} || row_number() OVER ()) AS random FROM ({query}) AS told) AS numbered OFFSET 0
) AS stamped
"""
_ANY_EVENT = UUID(int=0)
_ANY_CORRELATION = "correlation"


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


async def write_from(
    connection: asyncpg.Connection, model: type[Event], query: str, arguments: Sequence[object], *, service: str,
    now: datetime,
) -> int:  # fmt: skip
    """A row for each row of `query`, in its order, made inside the database; returns how many.

    The query gives `key`, `correlation` and `payload`, the event as JSON text. Ids and headers are as of `row_of`.
    """
    before, between, after = _headers_around(model, service=service, now=now)
    stamp = str(event_id(now))[:15]
    ours = {
        "topic": model.topic, "before": before, "between": between, "after": after, "stamp": stamp,
        "word": secrets.token_hex(16),
    }  # fmt: skip
    places = {name: f"${number}::text" for number, name in enumerate(ours, len(arguments) + 1)}
    told: str = await connection.execute(_INSERT_FROM.format(query=query, **places), *arguments, *ours.values())
    return int(told.rpartition(" ")[2])


def _headers_around(model: type[Event], *, service: str, now: datetime) -> tuple[str, str, str]:
    """The packed headers before the event's id, between it and the quoted correlation, and after that."""
    headers = Headers(_ANY_EVENT, f"/aftercall/{service}", type_of(model), now, _ANY_CORRELATION)
    before, _, rest = pack(headers.pairs()).decode().partition(str(_ANY_EVENT))
    between, _, after = rest.partition(f'"{_ANY_CORRELATION}"')
    return before, between, after


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
