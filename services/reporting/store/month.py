"""Questions about one month of the read model. Sealed columns come out as they lie there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import polars as pl

from contracts.vocabulary import Cell, Explanation
from services.reporting.frame import AT_ONCE, TOLD
from services.reporting.ledger import CellCount, Ledger, Rate
from services.reporting.store.tables import table
from services.reporting.weights import CellKey


async def periods(connection: asyncpg.Connection) -> list[str]:
    """Every month that has anything, newest first."""
    rows = await connection.fetch("SELECT period FROM month_change ORDER BY period DESC")
    return [row["period"] for row in rows]


async def changes(connection: asyncpg.Connection, period: str) -> int:
    """Grows with every change of the month; 0 for a month without data."""
    return await connection.fetchval("SELECT changes FROM month_change WHERE period = $1", period) or 0


async def ledger(connection: asyncpg.Connection, period: str) -> Ledger:
    closed = await connection.fetchrow(
        "SELECT closed_at, out_of_frame FROM sampling_period WHERE period = $1 AND closed_at IS NOT NULL", period
    )
    beyond = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE verdict = 'out_of_frame') AS out_of_frame,
            count(*) FILTER (WHERE verdict = 'rejected') AS rejected
        FROM completion WHERE period = $1 AND verdict IN ('out_of_frame', 'rejected')
        """,
        period,
    )
    return Ledger(
        closed_at=closed["closed_at"] if closed else None,
        cells=await (_closed_cells if closed else _arrived_cells)(connection, period),
        rates=await _rates(connection, period),
        out_of_frame=closed["out_of_frame"] if closed else beyond["out_of_frame"],
        rejected=beyond["rejected"],
    )


async def part_ledger(connection: asyncpg.Connection, period: str, since: datetime, until: datetime) -> Ledger:
    """What arrived of the month with `completed_at` from `since` to before `until`."""
    beyond = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE verdict = 'out_of_frame') AS out_of_frame,
            count(*) FILTER (WHERE verdict = 'rejected') AS rejected
        FROM completion WHERE period = $1 AND verdict IN ('out_of_frame', 'rejected')
            AND completed_at >= $2 AND completed_at < $3
        """,
        period,
        since,
        until,
    )
    return Ledger(
        closed_at=await connection.fetchval("SELECT closed_at FROM sampling_period WHERE period = $1", period),
        cells=await _arrived_cells(connection, period, since, until),
        rates=await _rates(connection, period),
        out_of_frame=beyond["out_of_frame"],
        rejected=beyond["rejected"],
    )


async def explanations(
    connection: asyncpg.Connection, period: str, since: datetime | None = None, until: datetime | None = None
) -> dict[Explanation | None, int]:
    """How the survey callbacks of the selected completions ended; None: not yet. Of a part: see `part_ledger`.

    A completion counts once, by its first callback. One that has a valid answer and no end yet counts by its answer.
    """
    rows = await connection.fetch(
        f"""
        SELECT explanation, count(*) AS number FROM ({_ENDS}) AS ended
        WHERE ($2::timestamptz IS NULL OR completed_at >= $2) AND ($3::timestamptz IS NULL OR completed_at < $3)
        GROUP BY explanation
        """,  # noqa: S608  our own constant
        [period],
        since,
        until,
    )
    return {Explanation(row["explanation"]) if row["explanation"] else None: row["number"] for row in rows}


@dataclass(frozen=True)
class End:
    """One selected completion and how its callback ended."""

    source: str
    service_id: str
    scenario: str | None
    stratum: str
    completed_at: datetime
    explanation: Explanation | None
    closed_at: datetime | None
    attempts: int


async def ends(
    connection: asyncpg.Connection,
    months: Sequence[str],
    since: datetime,
    until: datetime,
    wanted: Sequence[Explanation | None],
    *,
    offset: int,
    limit: int,
) -> list[End]:
    """The selected completions of these sampling periods and days with one of these explanations, oldest first."""
    rows = await connection.fetch(
        f"""
        SELECT source, service_id, scenario, stratum, completed_at, explanation, closed_at,
            (SELECT count(*) FROM contact_attempt AS attempt
             WHERE attempt.completion_ref = ended.completion_ref AND attempt.disposition <> 'not_attempted') AS attempts
        FROM ({_ENDS}) AS ended
        WHERE coalesce(explanation, '') = ANY ($4::text[]) AND completed_at >= $2 AND completed_at < $3
        ORDER BY completed_at, completion_ref
        OFFSET $5 LIMIT $6
        """,  # noqa: S608  our own constant
        list(months),
        since,
        until,
        [explanation.value if explanation else "" for explanation in wanted],
        offset,
        limit,
    )
    return [
        End(**{**row, "explanation": Explanation(row["explanation"]) if row["explanation"] else None}) for row in rows
    ]


async def responses(connection: asyncpg.Connection, period: str) -> pl.DataFrame:
    """Every response of the month's completions, of any purpose, with tombstone: the columns of `frame.TOLD`."""
    return await table(
        connection,
        """
        SELECT response.response_id, response.completion_ref, response.customer_ref, response.status, response.final,
            response.purpose, response.round, response.channel, response.channel_reason,
            coalesce(response.about_response_id, followup_case.response_id, promise.response_id) AS about_response_id,
            response.in_design, response.flags, response.agent, response.ended_at,
            response.callback_id, completion.completed_at,
            completion.source, completion.service_id, completion.scenario, completion.verdict, completion.stratum,
            completion.rate_version, completion.cell,
            voided_response.response_id IS NOT NULL AS voided,
            erased_customer.customer_ref IS NOT NULL AS erased,
            response.revision, coalesce(response_tags.revision, 0) AS tags_revision,
            coalesce(response_tags.tagging_revision, 0) AS tagging_revision, completion.accepted_at
        FROM completion
        JOIN response ON response.completion_ref = completion.completion_ref
        LEFT JOIN voided_response ON voided_response.response_id = response.response_id
        LEFT JOIN response_tags ON response_tags.response_id = response.response_id
        LEFT JOIN followup_case ON followup_case.case_id = response.about_case_id
        LEFT JOIN promise ON promise.promise_id = response.about_promise_id
        LEFT JOIN erased_customer ON erased_customer.customer_ref = response.customer_ref
        WHERE completion.period = $1
        ORDER BY response.response_id
        """,
        period,
        schema=TOLD,
    )


async def sealed(connection: asyncpg.Connection, response_ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """The sealed facts of these responses, in any order."""
    found: list[Mapping[str, Any]] = []
    for first in range(0, len(response_ids), AT_ONCE):
        found += await connection.fetch(
            """
            SELECT response.response_id, response.customer_ref, response.answers_sealed, completion.context_sealed,
                response_tags.tags_sealed
            FROM response
            JOIN completion ON completion.completion_ref = response.completion_ref
            LEFT JOIN response_tags ON response_tags.response_id = response.response_id
            WHERE response.response_id = ANY ($1::text[])
            """,
            response_ids[first : first + AT_ONCE],
        )
    return found


_ENDS = """
SELECT completion.completion_ref, completion.source, completion.service_id, completion.scenario, completion.stratum,
    completion.completed_at, coalesce(closed.explanation, heard.status) AS explanation, closed.closed_at
FROM completion
LEFT JOIN LATERAL (
    SELECT callback.explanation, callback.closed_at FROM callback
    WHERE callback.completion_ref = completion.completion_ref
        AND ('survey' = ANY (callback.purposes) OR cardinality(callback.purposes) = 0)
    ORDER BY callback.closed_at, callback.callback_id LIMIT 1
) AS closed ON true
LEFT JOIN LATERAL (
    SELECT min(response.status) AS status FROM response
    WHERE response.completion_ref = completion.completion_ref AND response.purpose = 'survey' AND response.in_design
        AND NOT EXISTS (SELECT FROM voided_response WHERE voided_response.response_id = response.response_id)
) AS heard ON true
WHERE completion.period = ANY ($1::text[]) AND completion.verdict = 'selected'
"""


async def _arrived_cells(
    connection: asyncpg.Connection, period: str, since: datetime | None = None, until: datetime | None = None
) -> tuple[CellCount, ...]:
    rows = await connection.fetch(
        """
        SELECT stratum, rate_version, cell, count(*) AS accepted,
            count(*) FILTER (WHERE verdict = 'selected') AS selected
        FROM completion WHERE period = $1 AND verdict IN ('selected', 'not_drawn')
            AND ($2::timestamptz IS NULL OR completed_at >= $2) AND ($3::timestamptz IS NULL OR completed_at < $3)
        GROUP BY stratum, rate_version, cell ORDER BY stratum, rate_version, cell
        """,
        period,
        since,
        until,
    )
    return _cells(rows)


async def _closed_cells(connection: asyncpg.Connection, period: str) -> tuple[CellCount, ...]:
    rows = await connection.fetch(
        """
        SELECT stratum, rate_version, cell, accepted, selected
        FROM closed_cell WHERE period = $1 ORDER BY stratum, rate_version, cell
        """,
        period,
    )
    return _cells(rows)


def _cells(rows: Sequence[asyncpg.Record]) -> tuple[CellCount, ...]:
    return tuple(
        CellCount(CellKey(row["stratum"], row["rate_version"], Cell(row["cell"])), row["accepted"], row["selected"])
        for row in rows
    )


async def _rates(connection: asyncpg.Connection, period: str) -> tuple[Rate, ...]:
    rows = await connection.fetch(
        """
        SELECT stratum, rate_version, rate, expected, certainty
        FROM stratum_rate WHERE period = $1 ORDER BY stratum, rate_version
        """,
        period,
    )
    return tuple(Rate(**row) for row in rows)
