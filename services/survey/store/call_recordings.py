"""Recordings that an exchange makes: begun, fetched and sealed, destroyed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.survey.store.permits import Key

SOUND = "recorded_sound"
"""The field under which a sound is sealed: its samples, A-law of 8 kHz, in base64."""


@dataclass(frozen=True)
class AtExchange:
    """A recording of which a file may lie at the exchange. `begun`: it was not fetched yet."""

    callback_id: str
    permit_no: int
    customer_ref: str
    begun: bool
    tries: int

    @property
    def key(self) -> Key:
        return self.callback_id, self.permit_no


@dataclass(frozen=True)
class Kept:
    """`sealed`: the sound, with the customer's key."""

    customer_ref: str
    sealed: str
    seconds: float
    begun_at: datetime
    keep_until: datetime


async def insert(
    connection: asyncpg.Connection, key: Key, *, customer_ref: str, exchange: str, at: datetime, keep_until: datetime
) -> bool:
    """False when this contact has its recording already."""
    found = await connection.fetchval(
        """INSERT INTO call_recording (callback_id, permit_no, customer_ref, exchange, state, begun_at, keep_until)
           VALUES ($1, $2, $3, $4, 'begun', $5, $6) ON CONFLICT DO NOTHING RETURNING true""",
        *key,
        customer_ref,
        exchange,
        at,
        keep_until,
    )
    return found is not None


async def at_exchange(connection: asyncpg.Connection, exchange: str) -> list[AtExchange]:
    rows = await connection.fetch(
        """SELECT callback_id, permit_no, customer_ref, state = 'begun' AS begun, tries FROM call_recording
           WHERE exchange = $1 AND at_exchange ORDER BY begun_at""",
        exchange,
    )
    return [AtExchange(**dict(row)) for row in rows]


async def keep(
    connection: asyncpg.Connection, key: Key, *, sealed: str, seconds: float, at: datetime, keep_until: datetime
) -> bool:
    """False when it was destroyed meanwhile: then nothing is kept."""
    found = await connection.fetchval(
        """UPDATE call_recording SET state = 'kept', sealed = $3, seconds = $4, kept_at = $5, keep_until = $6
           WHERE callback_id = $1 AND permit_no = $2 AND state = 'begun' RETURNING true""",
        *key,
        sealed,
        seconds,
        at,
        keep_until,
    )
    return found is not None


async def lose(connection: asyncpg.Connection, key: Key) -> bool:
    """There is no sound of it. False when it was told before."""
    found = await connection.fetchval(
        """UPDATE call_recording SET state = 'lost'
           WHERE callback_id = $1 AND permit_no = $2 AND state = 'begun' RETURNING true""",
        *key,
    )
    return found is not None


async def gone_from_exchange(connection: asyncpg.Connection, key: Key) -> None:
    await connection.execute(
        "UPDATE call_recording SET at_exchange = false WHERE callback_id = $1 AND permit_no = $2", *key
    )


async def note_try(connection: asyncpg.Connection, key: Key) -> None:
    """That the exchange did not hand it out, or did not delete it."""
    await connection.execute(
        "UPDATE call_recording SET tries = tries + 1 WHERE callback_id = $1 AND permit_no = $2", *key
    )


async def of_contact(connection: asyncpg.Connection, key: Key) -> Kept | None:
    row = await connection.fetchrow(
        """SELECT customer_ref, sealed, seconds, begun_at, keep_until FROM call_recording
           WHERE callback_id = $1 AND permit_no = $2 AND state = 'kept'""",
        *key,
    )
    return None if row is None else Kept(**dict(row))


async def destroy(connection: asyncpg.Connection, key: Key) -> bool:
    """The sound goes now, what lies at the exchange soon after. False when there is none."""
    found = await connection.fetchval(
        """UPDATE call_recording SET state = 'erased', sealed = NULL
           WHERE callback_id = $1 AND permit_no = $2 AND state = 'kept' RETURNING true""",
        *key,
    )
    return found is not None


async def destroy_of_customers(connection: asyncpg.Connection, customers: Sequence[str]) -> None:
    """Also of calls that last: what is recorded of them is deleted, not fetched."""
    await connection.execute(
        "UPDATE call_recording SET state = 'erased', sealed = NULL WHERE customer_ref = ANY ($1)", customers
    )


async def remove_over(connection: asyncpg.Connection, now: datetime, limit: int) -> int:
    """Whose time is over; of what may lie at the exchange the row stays until that is deleted."""
    destroyed = await connection.fetch(
        """UPDATE call_recording SET state = 'erased', sealed = NULL WHERE (callback_id, permit_no) IN (
               SELECT callback_id, permit_no FROM call_recording
               WHERE keep_until <= $1 AND at_exchange AND state <> 'erased' ORDER BY keep_until LIMIT $2)
           RETURNING 1""",
        now,
        limit,
    )
    removed = await connection.fetch(
        """DELETE FROM call_recording WHERE (callback_id, permit_no) IN (
               SELECT callback_id, permit_no FROM call_recording
               WHERE keep_until <= $1 AND NOT at_exchange ORDER BY keep_until LIMIT $2)
           RETURNING 1""",
        now,
        limit,
    )
    return len(destroyed) + len(removed)


async def next_over(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval(
        "SELECT min(keep_until) FROM call_recording WHERE NOT (at_exchange AND state = 'erased')"
    )
    return instant
