"""What was told of a period, and its ledger as it is exported."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

CHUNK = 2000


async def keep(
    connection: asyncpg.Connection, period: str, topic: str, event: Mapping[str, Any], now: datetime
) -> None:
    await connection.execute(
        "INSERT INTO period_told (period, topic, event, told_at) VALUES ($1, $2, $3, $4)", period, topic, event, now
    )


async def told(connection: asyncpg.Connection, period: str) -> list[tuple[str, Mapping[str, Any]]]:
    """(topic, event) in the order in which they were told."""
    rows = await connection.fetch("SELECT topic, event FROM period_told WHERE period = $1 ORDER BY sequence", period)
    return [(row["topic"], row["event"]) for row in rows]


async def closes_at(connection: asyncpg.Connection, period: str) -> datetime | None:
    """When the period's secret is told; None: there is no such period."""
    at: datetime | None = await connection.fetchval("SELECT closes_at FROM period WHERE period = $1", period)
    return at


async def ledger(connection: asyncpg.Connection, period: str) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Every completion of the period by (source, service_id), in chunks; in and out of the frame."""
    after = ("", "")
    while True:
        rows = await connection.fetch(
            """
            SELECT source, service_id, customer_ref, verdict, reason, scenario, stratum, rate_version, cell,
                   thousandths, draw, policy_version, completed_at, accepted_at, contact, context
            FROM completion WHERE period = $1 AND (source, service_id) > ($2, $3)
            ORDER BY source, service_id LIMIT $4
            """,
            period,
            *after,
            CHUNK,
        )
        if not rows:
            return
        yield rows
        after = (rows[-1]["source"], rows[-1]["service_id"])
