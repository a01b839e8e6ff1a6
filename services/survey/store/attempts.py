"""The ends of permits."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from contracts.events.survey import AttemptClosed


async def insert_attempts(connection: asyncpg.Connection, ends: Sequence[AttemptClosed], now: datetime) -> set[str]:
    """Closes the permits. Returns the attempt ids that are new: only these are told."""
    rows = await connection.fetch(
        """INSERT INTO contact_attempt (attempt_id, callback_id, permit_no, customer_ref, disposition, not_attempted,
               detail, agent, started_at, connected_at, ended_at, closed_at)
           SELECT *, $12 FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[],
               $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])
           ON CONFLICT DO NOTHING RETURNING attempt_id, callback_id, permit_no""",
        *[
            [getattr(end, name) for end in ends]
            for name in (
                "attempt_id", "callback_id", "permit_no", "customer_ref", "disposition", "not_attempted", "detail",
                "agent", "started_at", "connected_at", "ended_at",
            )
        ],
        now,
    )  # fmt: skip
    await connection.execute(
        """UPDATE permit SET state = 'closed'
           FROM unnest($1::text[], $2::integer[]) AS ended (callback_id, permit_no)
           WHERE (permit.callback_id, permit.permit_no) = (ended.callback_id, ended.permit_no)""",
        [row["callback_id"] for row in rows],
        [row["permit_no"] for row in rows],
    )
    return {row["attempt_id"] for row in rows}


async def last_attempts(connection: asyncpg.Connection, customer_ref: str, limit: int = 5) -> list[asyncpg.Record]:
    """The customer's latest contacts, newest first: disposition, ended_at, agent."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """SELECT disposition, ended_at, agent, permit.channel FROM contact_attempt
           JOIN permit USING (callback_id, permit_no)
           WHERE contact_attempt.customer_ref = $1 AND disposition <> 'not_attempted'
           ORDER BY ended_at DESC LIMIT $2""",
        customer_ref,
        limit,
    )
    return rows
