"""What a hosted provider asked of a call, step by step, and what it was told: kept while the call lasts."""

from dataclasses import dataclass

import asyncpg

from services.survey.store.permits import Key


@dataclass(frozen=True)
class Step:
    """`sealed`: how the call rested after it, and the document; None while it is being answered."""

    step: int
    sealed: str | None


async def key_of(connection: asyncpg.Connection, channel: str) -> Key | None:
    """The permit of the call on this channel."""
    row = await connection.fetchrow("SELECT callback_id, permit_no FROM rating_call WHERE channel_id = $1", channel)
    return None if row is None else (row["callback_id"], row["permit_no"])


async def claim(connection: asyncpg.Connection, channel: str, step: int) -> bool:
    """False when this step was asked for before."""
    found = await connection.fetchval(
        """INSERT INTO hosted_step (channel_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true""",
        channel,
        step,
    )
    return found is not None


async def keep(connection: asyncpg.Connection, channel: str, step: int, sealed: str) -> None:
    await connection.execute(
        "UPDATE hosted_step SET sealed = $3 WHERE channel_id = $1 AND step = $2", channel, step, sealed
    )


async def step_of(connection: asyncpg.Connection, channel: str, step: int) -> Step | None:
    row = await connection.fetchrow(
        "SELECT step, sealed FROM hosted_step WHERE channel_id = $1 AND step = $2", channel, step
    )
    return None if row is None else Step(**dict(row))


async def newest(connection: asyncpg.Connection, channel: str) -> Step | None:
    """The last one that was answered."""
    row = await connection.fetchrow(
        """SELECT step, sealed FROM hosted_step WHERE channel_id = $1 AND sealed IS NOT NULL
           ORDER BY step DESC LIMIT 1""",
        channel,
    )
    return None if row is None else Step(**dict(row))


async def forget(connection: asyncpg.Connection, channel: str) -> None:
    await connection.execute("DELETE FROM hosted_step WHERE channel_id = $1", channel)
