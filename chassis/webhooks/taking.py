"""Who sends next: one process has a subscription in hand, sends its messages in order, notes what became of each."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from chassis.webhooks.store import Delivery, delivery_from

HELD = timedelta(seconds=60)  # longer than one try may take; whoever dies with it gives it back by then
GIVEN_UP_AFTER = timedelta(hours=24)


async def due(connection: asyncpg.Connection, limit: int) -> list[str]:
    """Subscriptions with waiting messages that may be tried now and that nobody has in hand."""
    rows = await connection.fetch(
        """SELECT subscription_id FROM webhook_subscription
           WHERE state = 'active' AND coalesce(next_try_at, '-infinity') <= clock_timestamp()
             AND coalesce(held_until, '-infinity') <= clock_timestamp()
             AND EXISTS (SELECT FROM webhook_delivery WHERE state = 'waiting'
                         AND webhook_delivery.subscription_id = webhook_subscription.subscription_id)
           ORDER BY coalesce(next_try_at, '-infinity'), subscription_id LIMIT $1""",
        limit,
    )
    return [row["subscription_id"] for row in rows]


async def take(connection: asyncpg.Connection, subscription_id: str) -> bool:
    """False when somebody else was faster. Take again to hold it longer."""
    taken = await connection.fetchval(
        """UPDATE webhook_subscription SET held_until = clock_timestamp() + $2::interval
           WHERE subscription_id = $1 AND state = 'active' AND coalesce(held_until, '-infinity') <= clock_timestamp()
           RETURNING true""",
        subscription_id,
        HELD,
    )
    return taken is not None


async def keep(connection: asyncpg.Connection, subscription_id: str) -> bool:
    """Holds it a while longer. False when it was paused or ended meanwhile."""
    kept = await connection.fetchval(
        """UPDATE webhook_subscription SET held_until = clock_timestamp() + $2::interval
           WHERE subscription_id = $1 AND state = 'active' RETURNING true""",
        subscription_id,
        HELD,
    )
    return kept is not None


async def give_back(connection: asyncpg.Connection, subscription_id: str) -> None:
    await connection.execute(
        "UPDATE webhook_subscription SET held_until = NULL WHERE subscription_id = $1", subscription_id
    )


async def next_waiting(connection: asyncpg.Connection, subscription_id: str, limit: int) -> list[Delivery]:
    """In the order in which they were written."""
    rows = await connection.fetch(
        """SELECT position, subscription_id, message_id, kind, subject, written_at, state, due_since, tries, tried_at,
               status, error
           FROM webhook_delivery WHERE subscription_id = $1 AND state = 'waiting' ORDER BY position LIMIT $2""",
        subscription_id,
        limit,
    )
    return [delivery_from(row) for row in rows]


async def delivered(connection: asyncpg.Connection, one: Delivery, status: int) -> None:
    await connection.execute(
        """WITH done AS (
               UPDATE webhook_delivery SET state = 'delivered', tries = tries + 1, tried_at = clock_timestamp(),
                   status = $2, error = NULL
               WHERE position = $1 RETURNING subscription_id)
           UPDATE webhook_subscription SET failures = 0, next_try_at = NULL, last_error = NULL
           FROM done WHERE webhook_subscription.subscription_id = done.subscription_id""",
        one.position,
        status,
    )


async def failed(
    connection: asyncpg.Connection, one: Delivery, *, status: int | None, error: str, waits: Sequence[timedelta]
) -> str:
    """What becomes of it: `waiting`, or `given_up` after a day. `waits`: before the second try, the third …"""
    state: str = await connection.fetchval(
        """WITH failed AS (
               UPDATE webhook_delivery SET tries = tries + 1, tried_at = clock_timestamp(), status = $2, error = $3,
                   state = CASE WHEN due_since < clock_timestamp() - $4::interval THEN 'given_up' ELSE 'waiting' END
               WHERE position = $1 RETURNING subscription_id, state),
           backing_off AS (
               UPDATE webhook_subscription SET failures = failures + 1, last_error = $3,
                   next_try_at = clock_timestamp() + ($5::interval[])[least(failures + 1, $6)]
               FROM failed WHERE webhook_subscription.subscription_id = failed.subscription_id)
           SELECT state FROM failed""",
        one.position, status, error, GIVEN_UP_AFTER, list(waits), len(waits),
    )  # fmt: skip
    return state
