"""Policies by version, and which set held since when; the same of the agents' shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

LOCK = 0x706F6C696379  # one publication at a time


@dataclass(frozen=True)
class EditionRow:
    version: str
    valid_from: datetime
    published_by: str
    recorded_at: datetime


async def editions(connection: asyncpg.Connection) -> list[EditionRow]:
    """The oldest first."""
    rows = await connection.fetch(
        "SELECT version, valid_from, published_by, recorded_at FROM policy_edition ORDER BY sequence"
    )
    return [EditionRow(**dict(row)) for row in rows]


async def contents(connection: asyncpg.Connection, versions: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    rows = await connection.fetch("SELECT version, content FROM policy WHERE version = ANY ($1::text[])", versions)
    return {row["version"]: row["content"] for row in rows}


async def lock(connection: asyncpg.Connection) -> None:
    """Until the transaction ends nobody else publishes."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)


async def store(
    connection: asyncpg.Connection, policies: Sequence[tuple[str, str | None, Mapping[str, Any]]], now: datetime
) -> None:
    """(version, scenario or None for a whole set, content); a version that is known stays as it is."""
    await connection.execute(
        """
        INSERT INTO policy (version, scenario, content, stored_at)
        SELECT version, scenario, content, $4
        FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS new (version, scenario, content)
        ON CONFLICT (version) DO NOTHING
        """,
        *[[policy[i] for policy in policies] for i in range(3)],
        now,
    )


async def add_edition(
    connection: asyncpg.Connection, *, version: str, valid_from: datetime, published_by: str, now: datetime
) -> None:
    await connection.execute(
        """
        INSERT INTO policy_edition (version, published_at, valid_from, published_by) VALUES ($1, $2, $3, $4)
        """,
        version,
        now,
        valid_from,
        published_by,
    )


async def newest_capacity(connection: asyncpg.Connection) -> tuple[str, datetime] | None:
    """(version, when it was recorded by the machine clock); None: none was."""
    row = await connection.fetchrow("SELECT version, recorded_at FROM capacity_edition ORDER BY sequence DESC LIMIT 1")
    return None if row is None else (row["version"], row["recorded_at"])


async def add_capacity(
    connection: asyncpg.Connection, *, version: str, content: Mapping[str, Any], now: datetime
) -> None:
    await connection.execute(
        "INSERT INTO capacity_edition (version, content, since) VALUES ($1, $2, $3)", version, content, now
    )
