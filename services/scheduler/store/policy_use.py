"""Which policy versions were in force since when, and how many rows of the ledger each decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg


@dataclass(frozen=True)
class InForce:
    """A whole set as it was published. By it contacts are planned from `published_at` on, and completions are sampled
    from `valid_from` on."""

    version: str
    valid_from: datetime
    published_at: datetime
    published_by: str
    content: Mapping[str, Any]


async def published(connection: asyncpg.Connection) -> list[InForce]:
    """The oldest first."""
    rows = await connection.fetch(
        """
        SELECT version, e.valid_from, e.published_at, e.published_by, p.content
        FROM policy_edition AS e JOIN policy AS p USING (version) ORDER BY e.sequence
        """
    )
    return [InForce(**dict(row)) for row in rows]


async def rows_by_version(connection: asyncpg.Connection) -> dict[str, int]:
    """Rows of the ledger by the version that they name."""
    rows = await connection.fetch("SELECT policy_version, count(*) AS n FROM completion GROUP BY policy_version")
    return {row["policy_version"]: row["n"] for row in rows}
