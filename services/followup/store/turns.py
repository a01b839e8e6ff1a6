"""What comes round by the calendar: when each is due next."""

from datetime import datetime

import asyncpg


async def take(connection: asyncpg.Connection, name: str, now: datetime) -> bool:
    """Is its time here, or not worked out yet? It is held until the transaction ends; False too when others have it."""
    found = await connection.fetchval(
        "SELECT true FROM turn WHERE name = $1 AND (next_at IS NULL OR next_at <= $2) FOR UPDATE SKIP LOCKED",
        name,
        now,
    )
    return found is not None


async def next_at(connection: asyncpg.Connection, name: str) -> datetime | None:
    at: datetime | None = await connection.fetchval("SELECT next_at FROM turn WHERE name = $1", name)
    return at


async def put(connection: asyncpg.Connection, name: str, at: datetime) -> None:
    await connection.execute("UPDATE turn SET next_at = $2 WHERE name = $1", name, at)
