"""Writes of the read model: sampling periods. The two events of a period may come in either order."""

from collections.abc import Sequence

import asyncpg

from contracts.events.scheduler import SamplingPeriodClosed, SamplingPeriodOpened
from services.reporting.store.columns import columns


async def open_periods(connection: asyncpg.Connection, events: Sequence[SamplingPeriodOpened]) -> None:
    """A period is opened once; what a later event adds are new rate versions."""
    await connection.execute(
        """
        INSERT INTO sampling_period AS known (period, opened_at, secret_digest, policy_digest)
        SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[])
        ON CONFLICT (period) DO UPDATE SET opened_at = excluded.opened_at,
            secret_digest = excluded.secret_digest, policy_digest = excluded.policy_digest
            WHERE known.opened_at IS NULL OR excluded.opened_at < known.opened_at
        """,
        *columns(_first_of_each(events), "period opened_at secret_digest policy_digest"),
    )
    rates = [(event.period, rate) for event in events for rate in event.rates]
    await connection.execute(
        """
        INSERT INTO stratum_rate (period, stratum, rate_version, rate, expected, certainty)
        SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::double precision[], $5::integer[],
            $6::boolean[])
        ON CONFLICT (period, stratum, rate_version) DO NOTHING
        """,
        [period for period, _rate in rates],
        *columns([rate for _period, rate in rates], "stratum rate_version rate expected certainty"),
    )
    await _note(connection, [event.period for event in events])


async def close_periods(connection: asyncpg.Connection, events: Sequence[SamplingPeriodClosed]) -> None:
    """From now on N and n come from the closed ledger, not from what has arrived."""
    closed = list({event.period: event for event in reversed(events)}.values())
    await connection.execute(
        """
        INSERT INTO sampling_period AS known (period, closed_at, out_of_frame, ledger_digest)
        SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::integer[], $4::text[])
        ON CONFLICT (period) DO UPDATE SET closed_at = excluded.closed_at, out_of_frame = excluded.out_of_frame,
            ledger_digest = excluded.ledger_digest
            WHERE known.closed_at IS NULL
        """,
        *columns(closed, "period closed_at out_of_frame ledger_digest"),
    )
    cells = [(event.period, cell) for event in closed for cell in event.cells]
    await connection.execute(
        """
        INSERT INTO closed_cell (period, stratum, rate_version, cell, accepted, selected)
        SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::integer[])
        ON CONFLICT (period, stratum, rate_version, cell) DO NOTHING
        """,
        [period for period, _cell in cells],
        *columns([cell for _period, cell in cells], "stratum rate_version cell accepted selected"),
    )
    await _note(connection, [event.period for event in events])


def _first_of_each(events: Sequence[SamplingPeriodOpened]) -> list[SamplingPeriodOpened]:
    earliest_last = sorted(events, key=lambda event: event.opened_at, reverse=True)
    return list({event.period: event for event in earliest_last}.values())


async def _note(connection: asyncpg.Connection, periods: Sequence[str]) -> None:
    await connection.execute(
        """
        INSERT INTO month_change AS known (period, changes)
        SELECT DISTINCT period, 1 FROM unnest($1::text[]) AS told (period) ORDER BY period
        ON CONFLICT (period) DO UPDATE SET changes = known.changes + 1
        """,
        list(periods),
    )
