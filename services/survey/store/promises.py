"""What was promised to a customer, by when, and who must keep it."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True)
class PromiseRow:
    promise_id: str
    customer_ref: str
    what: str | None
    department: str
    due_at: datetime
    made_at: datetime
    made_by: str


async def insert(connection: asyncpg.Connection, row: PromiseRow, *, response_id: str, callback_id: str) -> bool:
    """False when this promise is known."""
    found = await connection.fetchval(
        """INSERT INTO promise (promise_id, response_id, callback_id, customer_ref, what, department, due_at, made_at,
               made_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING true""",
        row.promise_id,
        response_id,
        callback_id,
        row.customer_ref,
        row.what,
        row.department,
        row.due_at,
        row.made_at,
        row.made_by,
    )
    return found is not None


async def promises_of(connection: asyncpg.Connection, callback_id: str) -> list[PromiseRow]:
    rows = await connection.fetch(
        """SELECT promise_id, customer_ref, what, department, due_at, made_at, made_by FROM promise
           WHERE callback_id = $1 ORDER BY made_at, promise_id""",
        callback_id,
    )
    return [PromiseRow(**dict(row)) for row in rows]
