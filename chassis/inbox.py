"""What was received: an event id is claimed once, whatever becomes of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.records import Inbound, RawRecord

Place = tuple[str, int]
"""Topic and partition."""

_CLAIM = """
INSERT INTO inbox (event_id, topic, key, outcome)
SELECT event_id, topic, key, 'done' FROM unnest($1::uuid[], $2::text[], $3::text[]) AS r (event_id, topic, key)
ON CONFLICT DO NOTHING RETURNING event_id
"""
_SETTLE = "UPDATE inbox SET outcome = $2 WHERE event_id = ANY ($1::uuid[])"
_RECLAIM = """
UPDATE inbox SET outcome = 'done', epoch = epoch + 1
WHERE event_id = ANY ($1::uuid[]) AND outcome = $2 RETURNING event_id
"""
_BLOCKED = """
SELECT topic, key FROM parked WHERE (topic, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
UNION
SELECT topic, customer_key FROM dead_letter
WHERE state = 'dead' AND (topic, customer_key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""
_IN_HAND = """
INSERT INTO progress (topic, partition, next_offset, in_hand_from, in_hand_tries)
SELECT topic, partition, 0, first, 1
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS r (topic, partition, first)
ON CONFLICT (topic, partition) DO UPDATE SET
    in_hand_tries = CASE WHEN progress.in_hand_from = excluded.in_hand_from THEN progress.in_hand_tries + 1 ELSE 1 END,
    in_hand_from = excluded.in_hand_from
RETURNING in_hand_tries
"""
_HANDLED = """
UPDATE progress SET in_hand_from = NULL, in_hand_tries = 0
FROM unnest($1::text[], $2::int[]) AS r (topic, partition)
WHERE progress.topic = r.topic AND progress.partition = r.partition
"""
_COMMITTED = """
UPDATE progress SET next_offset = greatest(next_offset, r.next)
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS r (topic, partition, next)
WHERE progress.topic = r.topic AND progress.partition = r.partition
"""
_READ_ON = """
INSERT INTO progress (topic, partition, next_offset)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])
ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset, in_hand_from = NULL, in_hand_tries = 0
"""
_TRY_AGAIN = """
INSERT INTO attempt (event_id, tries, last_error, at) VALUES ($1, 1, $2, clock_timestamp())
ON CONFLICT (event_id) DO UPDATE SET tries = attempt.tries + 1, last_error = excluded.last_error, at = excluded.at
RETURNING tries
"""


async def claim(connection: asyncpg.Connection, inbound: Sequence[Inbound]) -> set[UUID]:
    """The ids seen for the first time; everything else was handled before and must have no second effect."""
    rows = await connection.fetch(
        _CLAIM, [i.event_id for i in inbound], [i.topic.name for i in inbound], [i.key for i in inbound]
    )
    return {row["event_id"] for row in rows}


async def reclaim(connection: asyncpg.Connection, ids: Sequence[UUID], outcome: str) -> set[UUID]:
    """Of records set aside as `outcome`, those that this transaction may now handle: each only once."""
    return {row["event_id"] for row in await connection.fetch(_RECLAIM, list(ids), outcome)}


async def settle(connection: asyncpg.Connection, ids: Sequence[UUID], outcome: str) -> None:
    if ids:
        await connection.execute(_SETTLE, list(ids), outcome)


async def blocked(connection: asyncpg.Connection, inbound: Sequence[Inbound]) -> set[tuple[str, str]]:
    """The (topic, key) pairs whose later events must wait behind a parked or an unexplained dead one."""
    pairs = {(i.topic.name, i.key) for i in inbound if not i.topic.intake and not i.topic.opt_out}
    if not pairs:
        return set()
    rows = await connection.fetch(_BLOCKED, [topic for topic, _ in pairs], [key for _, key in pairs])
    return {(row[0], row[1]) for row in rows}


async def note_in_hand(connection: asyncpg.Connection, records: Sequence[RawRecord]) -> int:
    """Say which records are about to be handled; returns how often the same ones were begun without an end."""
    first: dict[Place, int] = {}
    for record in records:
        place = (record.topic, record.partition)
        first[place] = min(first.get(place, record.offset), record.offset)
    places = sorted(first)
    offsets = [first[place] for place in places]
    rows = await connection.fetch(_IN_HAND, [t for t, _ in places], [p for _, p in places], offsets)
    return max((row["in_hand_tries"] for row in rows), default=0)


async def note_handled(connection: asyncpg.Connection, records: Sequence[RawRecord]) -> None:
    places = sorted({(record.topic, record.partition) for record in records})
    await connection.execute(_HANDLED, [t for t, _ in places], [p for _, p in places])


async def note_committed(connection: asyncpg.Connection, offsets: Mapping[Place, int]) -> None:
    """The broker holds these offsets; should it forget them, that is a fault and no fresh start."""
    places = sorted(offsets)
    after = [offsets[place] for place in places]
    await connection.execute(_COMMITTED, [t for t, _ in places], [p for _, p in places], after)


async def read_on_from(connection: asyncpg.Connection, offsets: Mapping[Place, int]) -> None:
    """These partitions were made anew: what was known of their offsets no longer holds."""
    places = sorted(offsets)
    numbers = [offsets[place] for place in places]
    await connection.execute(_READ_ON, [t for t, _ in places], [p for _, p in places], numbers)


async def count_try(connection: asyncpg.Connection, event_id: UUID, error: str) -> int:
    """Tries of one record so far; kept outside the failed transaction, so that a crash does not forget them."""
    return int(await connection.fetchval(_TRY_AGAIN, event_id, error))


async def expected_offsets(connection: asyncpg.Connection) -> dict[Place, int]:
    """Where this service goes on reading, or a moment before: what it knows to have been committed at the broker."""
    rows = await connection.fetch("SELECT topic, partition, next_offset FROM progress")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def add_partitions(connection: asyncpg.Connection, now: datetime, until: datetime) -> None:
    await connection.execute("SELECT add_inbox_partitions($1, $2)", now, until)
