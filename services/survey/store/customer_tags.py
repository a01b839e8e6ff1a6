"""Tags of customers, as tagging told them."""

from collections.abc import Sequence

import asyncpg

from contracts.events.tagging import CustomerTagged


async def put(connection: asyncpg.Connection, events: Sequence[CustomerTagged]) -> None:
    """The highest revision holds."""
    newest = {e.customer_ref: e for e in sorted(events, key=lambda event: event.revision)}
    await connection.execute(
        """
        INSERT INTO customer_tags AS known (customer_ref, revision, tags, tagged_at)
        SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[])
        ON CONFLICT (customer_ref) DO UPDATE SET revision = excluded.revision, tags = excluded.tags,
            tagged_at = excluded.tagged_at
            WHERE excluded.revision > known.revision
        """,
        list(newest),
        [event.revision for event in newest.values()],
        [event.tags for event in newest.values()],
        [event.tagged_at for event in newest.values()],
    )


async def of_customer(connection: asyncpg.Connection, customer_ref: str) -> str | None:
    """The sealed tags."""
    tags: str | None = await connection.fetchval("SELECT tags FROM customer_tags WHERE customer_ref = $1", customer_ref)
    return tags
