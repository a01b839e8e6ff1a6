"""Sampling periods, their rates and secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.scheduler.sampling import LedgerEntry, Rate
from services.scheduler.store.arrays import columns


@dataclass(frozen=True)
class Period:
    period: str
    secret: bytes
    closed: bool
    rates: dict[str, list[Rate]]
    """All rate versions of each stratum."""


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
    found = {row["period"]: Period(row["period"], row["secret"], row["closed"], {}) for row in rows}
    for period, rates in (await rates_of(connection, list(found))).items():
        for rate in rates:
            found[period].rates.setdefault(rate.stratum, []).append(rate)
    return found


async def rates_of(connection: asyncpg.Connection, names: Sequence[str]) -> dict[str, list[Rate]]:
    """Every rate version of these periods, by stratum and version."""
    rows = await connection.fetch(
        """
        SELECT period, stratum, rate_version, thousandths, expected, certainty, nullif(valid_from, '-infinity') AS since
        FROM stratum_rate WHERE period = ANY ($1::text[]) ORDER BY period, stratum, rate_version
        """,
        names,
    )
    found: dict[str, list[Rate]] = {}
    for row in rows:
        found.setdefault(row["period"], []).append(_rate(row))
    return found


def _rate(row: Mapping[str, Any]) -> Rate:
    return Rate(
        row["stratum"], row["rate_version"], row["thousandths"], row["expected"], row["certainty"], row["since"]
    )


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
    await add_rates(connection, period, rates)
    return True


async def add_rates(connection: asyncpg.Connection, period: str, rates: Sequence[Rate]) -> None:
    await connection.execute(
        """
        INSERT INTO stratum_rate (period, stratum, rate_version, thousandths, expected, certainty, valid_from)
        SELECT $1, stratum, rate_version, thousandths, expected, certainty, coalesce(valid_from, '-infinity')
        FROM unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::boolean[], $7::timestamptz[])
            AS new (stratum, rate_version, thousandths, expected, certainty, valid_from)
        """,
        period, *columns(rates, "stratum", "version", "thousandths", "expected", "certainty", "valid_from"),
    )  # fmt: skip


@dataclass(frozen=True)
class OpenPeriod:
    """What its opening said."""

    period: str
    secret_digest: str
    policy_digest: str
    opened_at: datetime


async def hold_open_ones(connection: asyncpg.Connection) -> list[OpenPeriod]:
    """The periods that are not closed, locked; waits for arrivals that hold them."""
    rows = await connection.fetch(
        """
        SELECT period, secret_digest, policy_digest, opened_at FROM period
        WHERE closed_at IS NULL ORDER BY period FOR UPDATE
        """
    )
    return [OpenPeriod(**dict(row)) for row in rows]


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
