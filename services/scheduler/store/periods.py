"""Sampling periods, their rates and secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.scheduler.sampling import LedgerEntry, Rate


@dataclass(frozen=True)
class Period:
    period: str
    secret: bytes
    closed: bool
    rates: dict[str, Rate]
    """The newest rate version of each stratum."""


async def hold(connection: asyncpg.Connection, names: Sequence[str]) -> dict[str, Period]:
    """The periods that exist, kept from being closed until this transaction ends."""
    rows = await connection.fetch(
        """
        SELECT p.period, s.secret, p.closed_at IS NOT NULL AS closed
        FROM period AS p JOIN period_secret AS s USING (period)
        WHERE p.period = ANY ($1::text[]) ORDER BY p.period FOR SHARE OF p
        """,
        names,
    )
    rates = await connection.fetch(
        """
        SELECT DISTINCT ON (period, stratum) period, stratum, rate_version, thousandths, expected, certainty
        FROM stratum_rate WHERE period = ANY ($1::text[])
        ORDER BY period, stratum, rate_version DESC
        """,
        names,
    )
    found = {row["period"]: Period(row["period"], row["secret"], row["closed"], {}) for row in rows}
    for row in rates:
        if row["period"] in found:
            found[row["period"]].rates[row["stratum"]] = Rate(
                row["stratum"], row["rate_version"], row["thousandths"], row["expected"], row["certainty"]
            )
    return found


async def open_period(
    connection: asyncpg.Connection, *, period: str, secret: bytes, secret_digest: str, policy_digest: str,
    opened_at: datetime, closes_at: datetime, rates: Sequence[Rate],
) -> bool:  # fmt: skip
    """False when it is open already: another transaction was first, and this one waited for it."""
    opened = await connection.fetchval(
        """
        INSERT INTO period (period, secret_digest, policy_digest, opened_at, closes_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING RETURNING true
        """,
        period, secret_digest, policy_digest, opened_at, closes_at,
    )  # fmt: skip
    if not opened:
        return False
    await connection.execute("INSERT INTO period_secret (period, secret) VALUES ($1, $2)", period, secret)
    await connection.execute(
        """
        INSERT INTO stratum_rate (period, stratum, rate_version, thousandths, expected, certainty)
        SELECT $1, stratum, rate_version, thousandths, expected, certainty
        FROM unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::boolean[])
            AS new (stratum, rate_version, thousandths, expected, certainty)
        """,
        period, [r.stratum for r in rates], [r.version for r in rates], [r.thousandths for r in rates],
        [r.expected for r in rates], [r.certainty for r in rates],
    )  # fmt: skip
    return True


async def frame_counts(connection: asyncpg.Connection, period: str) -> tuple[datetime, dict[str, int]] | None:
    """When a period was opened, and how many completions of each stratum its frame holds; None: it never was."""
    opened_at = await connection.fetchval("SELECT opened_at FROM period WHERE period = $1", period)
    if opened_at is None:
        return None
    rows = await connection.fetch(
        """
        SELECT stratum, count(*) AS n FROM completion
        WHERE period = $1 AND verdict IN ('selected', 'not_drawn') GROUP BY stratum
        """,
        period,
    )
    return opened_at, {row["stratum"]: row["n"] for row in rows}


async def next_closing(connection: asyncpg.Connection) -> datetime | None:
    closes: datetime | None = await connection.fetchval("SELECT min(closes_at) FROM period WHERE closed_at IS NULL")
    return closes


async def due_closings(connection: asyncpg.Connection, now: datetime) -> list[str]:
    rows = await connection.fetch(
        "SELECT period FROM period WHERE closed_at IS NULL AND closes_at <= $1 ORDER BY period", now
    )
    return [row["period"] for row in rows]


async def close(connection: asyncpg.Connection, period: str, now: datetime) -> bytes | None:
    """The secret; None when it was closed meanwhile. Waits for arrivals that hold the period."""
    closed = await connection.fetchval(
        "UPDATE period SET closed_at = $2 WHERE period = $1 AND closed_at IS NULL RETURNING true", period, now
    )
    if not closed:
        return None
    secret: bytes = await connection.fetchval("SELECT secret FROM period_secret WHERE period = $1", period)
    return secret


async def frame(connection: asyncpg.Connection, period: str) -> list[LedgerEntry]:
    rows = await connection.fetch(
        """
        SELECT source, service_id, stratum, rate_version, cell, thousandths, verdict = 'selected' AS selected
        FROM completion WHERE period = $1 AND verdict IN ('selected', 'not_drawn')
        """,
        period,
    )
    return [
        LedgerEntry(
            row["source"],
            row["service_id"],
            row["stratum"],
            row["rate_version"],
            row["cell"],
            row["thousandths"] / 1000,
            row["selected"],
        )
        for row in rows
    ]


async def out_of_frame(connection: asyncpg.Connection, period: str) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM completion WHERE period = $1 AND verdict = 'out_of_frame'", period
    )
    return count
