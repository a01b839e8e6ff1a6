"""The business clock: real, or stepped from one shared row. Windows, due times, links, promises and event times use it.

The machine clock (leases, sessions, back-off) is the database's `clock_timestamp()`.
"""

from datetime import datetime
from typing import Literal, cast

import asyncpg

Mode = Literal["real", "stepped", "running"]


async def business_now(connection: asyncpg.Connection) -> datetime:
    """What the business clock shows, aware, UTC."""
    return cast(datetime, await connection.fetchval("SELECT clock.business_now()"))


async def step_to(connection: asyncpg.Connection, instant: datetime) -> datetime:
    """Moves a stepped clock on to `instant`, never back; returns what it shows now.

    Raises `asyncpg.ObjectNotInPrerequisiteStateError` when the clock is not stepped.
    """
    return cast(datetime, await connection.fetchval("SELECT clock.step_to($1)", instant))


async def set_mode(connection: asyncpg.Connection, mode: Mode, start: datetime | None = None) -> datetime:
    """The owner's choice of the clock; returns what it shows now.

    `stepped` stands at `start`, `running` goes on from `start` at real speed; without `start`, from what it shows now.
    """
    return cast(datetime, await connection.fetchval("SELECT clock.set_mode($1, $2)", mode, start))
