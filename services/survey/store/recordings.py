"""Links to recordings, one for each contact; and the list of these and of the sounds that are kept here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True)
class Recording:
    callback_id: str
    permit_no: int
    customer_ref: str
    sealed: str
    keep_until: datetime
    linked_by: str
    linked_at: datetime


@dataclass(frozen=True)
class Listed:
    """A recording with its contact; `ended_at` is None while the call lasts.

    `linked_by` is None where the exchange recorded it: then it lasts `seconds`.
    """

    callback_id: str
    permit_no: int
    keep_until: datetime
    linked_by: str | None
    linked_at: datetime
    seconds: float | None
    agent: str | None
    ended_at: datetime | None


async def count(connection: asyncpg.Connection) -> int:
    found: int = await connection.fetchval(
        "SELECT (SELECT count(*) FROM recording) + (SELECT count(*) FROM call_recording WHERE state = 'kept')"
    )
    return found


async def listed(connection: asyncpg.Connection, *, limit: int, offset: int) -> list[Listed]:
    """Those that go first stand first."""
    rows = await connection.fetch(
        """SELECT one.callback_id, one.permit_no, keep_until, linked_by, linked_at, seconds, agent, ended_at
           FROM (
               SELECT callback_id, permit_no, keep_until, linked_by, linked_at, NULL::double precision AS seconds
               FROM recording
               UNION ALL
               SELECT callback_id, permit_no, keep_until, NULL, kept_at, seconds FROM call_recording
               WHERE state = 'kept'
               ORDER BY keep_until, callback_id, permit_no LIMIT $1 OFFSET $2
           ) AS one LEFT JOIN contact_attempt USING (callback_id, permit_no)
           ORDER BY keep_until, one.callback_id, one.permit_no""",
        limit,
        offset,
    )
    return [Listed(**dict(row)) for row in rows]


async def put(connection: asyncpg.Connection, one: Recording) -> None:
    """In the place of an earlier link of this contact."""
    await connection.execute(
        """INSERT INTO recording (callback_id, permit_no, customer_ref, sealed, keep_until, linked_by, linked_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (callback_id, permit_no) DO UPDATE
           SET sealed = excluded.sealed, keep_until = excluded.keep_until, linked_by = excluded.linked_by,
               linked_at = excluded.linked_at""",
        one.callback_id, one.permit_no, one.customer_ref, one.sealed, one.keep_until, one.linked_by, one.linked_at,
    )  # fmt: skip


async def of_contact(connection: asyncpg.Connection, callback_id: str, permit_no: int) -> Recording | None:
    row = await connection.fetchrow(
        """SELECT callback_id, permit_no, customer_ref, sealed, keep_until, linked_by, linked_at FROM recording
           WHERE callback_id = $1 AND permit_no = $2""",
        callback_id,
        permit_no,
    )
    return None if row is None else Recording(**dict(row))


async def remove(connection: asyncpg.Connection, callback_id: str, permit_no: int) -> bool:
    found = await connection.fetchval(
        "DELETE FROM recording WHERE callback_id = $1 AND permit_no = $2 RETURNING true", callback_id, permit_no
    )
    return found is not None


async def remove_over(connection: asyncpg.Connection, now: datetime, limit: int) -> int:
    rows = await connection.fetch(
        """DELETE FROM recording WHERE (callback_id, permit_no) IN (
               SELECT callback_id, permit_no FROM recording WHERE keep_until <= $1 ORDER BY keep_until LIMIT $2)
           RETURNING 1""",
        now,
        limit,
    )
    return len(rows)


async def remove_of_customers(connection: asyncpg.Connection, customers: Sequence[str]) -> None:
    await connection.execute("DELETE FROM recording WHERE customer_ref = ANY ($1)", customers)


async def next_over(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval("SELECT min(keep_until) FROM recording")
    return instant
