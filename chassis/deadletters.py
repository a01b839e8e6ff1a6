"""Records set aside: dead letters (given up until replayed) and parked records (waiting for something else)."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from chassis.outbox import OutboxRow, pack
from chassis.records import Inbound, RawRecord
from chassis.transaction import Transaction
from chassis.vault import Erased, Keyring
from contracts.topics import BY_NAME

FIELD = "record"

_BURY = """
INSERT INTO dead_letter (event_id, topic, partition, "offset", key, customer_key, reason, field, sealed_record, week)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::text[])
"""
_PARK = """
INSERT INTO parked (event_id, topic, partition, "offset", key, reason, sealed_record, week)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])
ON CONFLICT DO NOTHING
"""
_LETTERS = """
SELECT letter_id, event_id, topic, partition, "offset", reason, field, state, week, at, sealed_record FROM dead_letter
WHERE ($1::bigint[] IS NULL OR letter_id = ANY ($1)) AND ($2::text IS NULL OR state = $2)
ORDER BY letter_id LIMIT $3
"""
_REPLAYED = "UPDATE dead_letter SET state = 'replayed', epoch = epoch + 1 WHERE event_id = ANY ($1::uuid[])"
# Heads of the waiting queues whose reason has gone: no dead letter of the same topic and customer blocks them.
_WAITING = """
SELECT event_id, topic, partition, "offset", key, sealed_record, week FROM parked AS p
WHERE NOT EXISTS (SELECT FROM dead_letter AS d
                  WHERE d.state = 'dead' AND d.topic = p.topic AND d.customer_key = p.key)
ORDER BY topic, key, partition, "offset" LIMIT $1
"""


@dataclass(frozen=True)
class StoredRecord:
    """A record as it came, kept sealed; gives back what `records.judge` needs."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Letter:
    letter_id: int
    event_id: UUID
    topic: str
    partition: int
    offset: int
    reason: str
    field: str | None
    state: str
    week: str
    at: datetime
    sealed_record: str


def week_of(instant: datetime) -> str:
    """ISO week by the machine clock: letters of one week share a key that is destroyed later."""
    return instant.astimezone(UTC).strftime("%G-W%V")


def packed(record: RawRecord) -> bytes:
    def text(value: bytes | None) -> str | None:
        return None if value is None else base64.b64encode(value).decode()

    headers = [[name, text(value)] for name, value in record.headers]
    whole = {"timestamp": record.timestamp, "key": text(record.key), "value": text(record.value), "headers": headers}
    return json.dumps(whole).encode()


def unpacked(stored: bytes, *, topic: str, partition: int, offset: int) -> StoredRecord:
    def raw(value: str | None) -> bytes | None:
        return None if value is None else base64.b64decode(value)

    whole = json.loads(stored)
    headers = [(name, raw(value)) for name, value in whole["headers"]]
    return StoredRecord(topic, partition, offset, whole["timestamp"], raw(whole["key"]), raw(whole["value"]), headers)


async def bury(tx: Transaction, dead: Sequence[Inbound], keys: Keyring, week: str) -> None:
    """Dead letters of one transaction: a row, sealed original included, and a record on `<topic>.dlq`."""
    if not dead:
        return
    sealed = [keys.seal_letter(week, FIELD, packed(i.raw)) for i in dead]
    faults = [i.fault for i in dead if i.fault is not None]
    await tx.connection.execute(
        _BURY,
        [i.event_id for i in dead],
        [i.topic.name for i in dead],
        [i.raw.partition for i in dead],
        [i.raw.offset for i in dead],
        [i.key for i in dead],
        [i.key if fault.blocks else None for i, fault in zip(dead, faults, strict=True)],
        [fault.rule for fault in faults],
        [fault.field for fault in faults],
        sealed,
        [week] * len(dead),
    )
    for inbound, letter in zip(dead, sealed, strict=True):
        tx.emit_row(_record(inbound, letter, tx.now))


def _record(inbound: Inbound, sealed: str, now: datetime) -> OutboxRow:
    fault = inbound.fault
    body = {
        "event_id": str(inbound.event_id),
        "topic": inbound.topic.name,
        "partition": inbound.raw.partition,
        "offset": inbound.raw.offset,
        "reason": fault.rule if fault else None,
        "field": fault.field if fault else None,
        "sealed_record": sealed,
        "at": now.isoformat(),
    }
    headers = pack([("ce_type", "aftercall.dead-letter.v1"), ("ce_id", str(inbound.event_id))])
    # Keyed by the event: the record's own key may be anything, a phone number too.
    key = str(inbound.event_id)
    return OutboxRow(inbound.event_id, inbound.topic.dead_letters, key, headers, json.dumps(body).encode())


async def park(tx: Transaction, waiting: Sequence[tuple[Inbound, str]], keys: Keyring, week: str) -> None:
    """Records that must wait, each with its reason."""
    if not waiting:
        return
    records = [inbound for inbound, _ in waiting]
    await tx.connection.execute(
        _PARK,
        [i.event_id for i in records],
        [i.topic.name for i in records],
        [i.raw.partition for i in records],
        [i.raw.offset for i in records],
        [i.key for i in records],
        [reason for _, reason in waiting],
        [keys.seal_letter(week, FIELD, packed(i.raw)) for i in records],
        [week] * len(records),
    )


async def letters(
    connection: asyncpg.Connection, *, ids: Sequence[int] | None = None, state: str | None = None, limit: int = 1000
) -> list[Letter]:
    rows = await connection.fetch(_LETTERS, None if ids is None else list(ids), state, limit)
    return [Letter(**dict(row)) for row in rows]


async def replayed(connection: asyncpg.Connection, ids: Sequence[UUID]) -> None:
    if ids:
        await connection.execute(_REPLAYED, list(ids))


async def unpark(connection: asyncpg.Connection, ids: Sequence[UUID]) -> None:
    if ids:
        await connection.execute("DELETE FROM parked WHERE event_id = ANY ($1::uuid[])", list(ids))


async def waiting(connection: asyncpg.Connection, limit: int) -> list[asyncpg.Record]:
    """Parked rows that nothing blocks any more, in their order per topic and customer."""
    return list(await connection.fetch(_WAITING, limit))


def restored(keys: Keyring, *, topic: str, partition: int, offset: int, sealed: str) -> StoredRecord | None:
    """The record as it came; None when its key has been destroyed or its topic is no longer known."""
    if topic not in BY_NAME:
        return None
    opened = keys.open_letter(FIELD, sealed)
    if isinstance(opened, Erased):
        return None
    return unpacked(opened, topic=topic, partition=partition, offset=offset)
