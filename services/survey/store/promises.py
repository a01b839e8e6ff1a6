"""What was promised to a customer, by when, and who must keep it."""

from collections.abc import Sequence
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
    kind: str = "promise"
    """promise, or new_demand: a wish that is promised an answer and goes to the library."""


async def insert(connection: asyncpg.Connection, row: PromiseRow, *, response_id: str, callback_id: str) -> bool:
    """False when this promise is known."""
    found = await connection.fetchval(
        """INSERT INTO promise (promise_id, response_id, callback_id, customer_ref, what, department, due_at, made_at,
               made_by, kind)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING true""",
        row.promise_id,
        response_id,
        callback_id,
        row.customer_ref,
        row.what,
        row.department,
        row.due_at,
        row.made_at,
        row.made_by,
        row.kind,
    )
    return found is not None


async def promises_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[tuple[str, PromiseRow]]:
    """With their callbacks, oldest first."""
    rows = await connection.fetch(
        """SELECT callback_id, promise_id, customer_ref, what, department, due_at, made_at, made_by, kind FROM promise
           WHERE callback_id = ANY ($1) ORDER BY made_at, promise_id""",
        callback_ids,
    )
    return [(row["callback_id"], PromiseRow(**{k: v for k, v in row.items() if k != "callback_id"})) for row in rows]


async def demands_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[tuple[str, PromiseRow]]:
    """New demands with their responses, oldest first."""
    rows = await connection.fetch(
        """SELECT response_id, promise_id, customer_ref, what, department, due_at, made_at, made_by, kind FROM promise
           WHERE callback_id = ANY ($1) AND kind = 'new_demand' ORDER BY made_at, promise_id""",
        callback_ids,
    )
    return [(row["response_id"], PromiseRow(**{k: v for k, v in row.items() if k != "response_id"})) for row in rows]
