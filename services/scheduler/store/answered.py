"""The hours in which customers answer their telephone."""

from collections.abc import Iterable, Sequence

import asyncpg


async def count(connection: asyncpg.Connection, calls: Sequence[tuple[str, int]]) -> None:
    """(customer_ref, hour of the customer's clock), one for each answered call."""
    await connection.execute(
        """
        INSERT INTO answered_hour (customer_ref, hour, calls)
        SELECT customer_ref, hour, count(*) FROM unnest($1::text[], $2::int[]) AS new (customer_ref, hour)
        GROUP BY customer_ref, hour ORDER BY customer_ref, hour
        ON CONFLICT (customer_ref, hour) DO UPDATE SET calls = answered_hour.calls + excluded.calls
        """,
        [ref for ref, _ in calls],
        [hour for _, hour in calls],
    )


async def hours(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, dict[int, int]]:
    """Answered calls of each customer by hour."""
    rows = await connection.fetch(
        "SELECT customer_ref, hour, calls FROM answered_hour WHERE customer_ref = ANY ($1::text[])", sorted(set(refs))
    )
    found: dict[str, dict[int, int]] = {}
    for row in rows:
        found.setdefault(row["customer_ref"], {})[row["hour"]] = row["calls"]
    return found
