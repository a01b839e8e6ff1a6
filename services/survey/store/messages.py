"""Message permits on their way through a gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from services.survey.permits import Permit
from services.survey.store.permits import Key

STUCK = timedelta(minutes=2)  # four times the SMTP timeout: whoever had it in hand is gone


async def insert(connection: asyncpg.Connection, ready: Sequence[tuple[Permit, datetime]]) -> None:
    """Permits with the instant at which they may go out first."""
    await connection.execute(
        """INSERT INTO message (callback_id, permit_no, customer_ref, channel, due_at)
           SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::timestamptz[])
           ON CONFLICT DO NOTHING""",
        [permit.callback.callback_id for permit, _ in ready],
        [permit.permit_no for permit, _ in ready],
        [permit.callback.customer_ref for permit, _ in ready],
        [permit.channel for permit, _ in ready],
        [due for _, due in ready],
    )


async def waiting(connection: asyncpg.Connection, now: datetime, limit: int) -> list[tuple[Key, str]]:
    """Messages that are due, and those whose sender died with them in hand; with their customers."""
    rows = await connection.fetch(
        """SELECT callback_id, permit_no, customer_ref FROM message
           WHERE (state = 'ready' AND due_at <= $1)
              OR (state = 'sending' AND sending_since < clock_timestamp() - $2::interval)
           ORDER BY due_at LIMIT $3""",
        now,
        STUCK,
        limit,
    )
    return [((row["callback_id"], row["permit_no"]), row["customer_ref"]) for row in rows]


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval("SELECT min(due_at) FROM message WHERE state = 'ready'")
    return instant


@dataclass(frozen=True)
class Taken:
    """`tries` counts this one; `accepted_at`: a gateway has it since then."""

    tries: int
    due_at: datetime
    accepted_at: datetime | None


async def take(connection: asyncpg.Connection, key: Key, now: datetime) -> Taken | None:
    """Takes a message into hand; None when somebody else has it or it is not due."""
    row = await connection.fetchrow(
        """UPDATE message SET state = 'sending', sending_since = clock_timestamp(), tries = tries + 1
           WHERE callback_id = $1 AND permit_no = $2
             AND ((state = 'ready' AND due_at <= $3)
                  OR (state = 'sending' AND sending_since < clock_timestamp() - $4::interval))
           RETURNING tries, due_at, accepted_at""",
        *key,
        now,
        STUCK,
    )
    return None if row is None else Taken(**dict(row))


async def wait_for_outcome(connection: asyncpg.Connection, key: Key, since: datetime, due_at: datetime) -> None:
    """A gateway has the message; it is asked about at `due_at`."""
    await connection.execute(
        """UPDATE message SET state = 'ready', sending_since = NULL, accepted_at = $3, due_at = $4
           WHERE callback_id = $1 AND permit_no = $2 AND state = 'sending'""",
        *key,
        since,
        due_at,
    )


async def put_back(connection: asyncpg.Connection, key: Key, due_at: datetime, why: str | None = None) -> None:
    await connection.execute(
        """UPDATE message SET state = 'ready', sending_since = NULL, due_at = $3, outcome = coalesce($4, outcome)
           WHERE callback_id = $1 AND permit_no = $2 AND state IN ('ready', 'sending')""",
        *key,
        due_at,
        why,
    )


async def finish(connection: asyncpg.Connection, key: Key, state: str, outcome: str | None) -> None:
    """`state`: delivered, bounced or withdrawn."""
    await connection.execute(
        """UPDATE message SET state = $3, outcome = $4, sending_since = NULL
           WHERE callback_id = $1 AND permit_no = $2 AND state IN ('ready', 'sending')""",
        *key,
        state,
        outcome,
    )


async def withdraw(connection: asyncpg.Connection, keys: Sequence[Key]) -> None:
    """Messages of permits that have ended otherwise; one at the gateway goes on to its own end."""
    await connection.execute(
        """UPDATE message SET state = 'withdrawn'
           FROM unnest($1::text[], $2::integer[]) AS ended (callback_id, permit_no)
           WHERE (message.callback_id, message.permit_no) = (ended.callback_id, ended.permit_no) AND state = 'ready'""",
        [callback_id for callback_id, _ in keys],
        [permit_no for _, permit_no in keys],
    )
