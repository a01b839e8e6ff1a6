"""How much work lies ahead."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg


@dataclass(frozen=True)
class Backlog:
    priority: int
    open: int
    earliest_deadline: datetime | None


async def planned_calls(connection: asyncpg.Connection, begins: datetime, ends: datetime) -> Counter[datetime]:
    """Pending and released telephone permits by the hour (UTC) in which they are to start."""
    rows = await connection.fetch(
        """
        SELECT date_trunc('hour', due_at, 'UTC') AS hour, count(*) AS n FROM permit
        WHERE state <> 'ended' AND channel = 'phone' AND due_at >= $1 AND due_at < $2 GROUP BY 1
        """,
        begins,
        ends,
    )
    return Counter({row["hour"].astimezone(UTC): row["n"] for row in rows})


async def backlog(connection: asyncpg.Connection) -> list[Backlog]:
    rows = await connection.fetch(
        """
        SELECT priority, count(*) AS open, min(deadline) AS earliest_deadline FROM callback
        WHERE closed_at IS NULL GROUP BY priority ORDER BY priority
        """
    )
    return [Backlog(**dict(row)) for row in rows]
