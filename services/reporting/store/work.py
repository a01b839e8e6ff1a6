"""Questions about the work around answers: cases, steps, calls, measures. Of services completed in a span."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import polars as pl

from services.reporting.span import CALLS, CASES, STEPS
from services.reporting.store.tables import table


async def cases(connection: asyncpg.Connection, since: datetime, until: datetime) -> pl.DataFrame:
    return await table(
        connection,
        """
        SELECT followup_case.case_id, completion.source, completion.service_id, followup_case.department,
            followup_case.state, followup_case.severity, followup_case.due_at, followup_case.closed_as
        FROM completion JOIN followup_case ON followup_case.completion_ref = completion.completion_ref
        WHERE completion.completed_at >= $1 AND completion.completed_at < $2
        ORDER BY followup_case.case_id
        """,
        since,
        until,
        schema=CASES,
    )


async def calls(connection: asyncpg.Connection, since: datetime, until: datetime) -> pl.DataFrame:
    """Every attempt of a survey callback that was made, with the record that it led to."""
    return await table(
        connection,
        """
        SELECT attempt.attempt_id, completion.source, completion.service_id, attempt.callback_id, attempt.channel,
            attempt.disposition, attempt.agent,
            attempt.connected_at, attempt.ended_at, attempt.wrapup_missing, attempt.tune,
            attempt.tune_pilot,
            response.response_id, response.recorded_at
        FROM completion
        JOIN contact_attempt AS attempt ON attempt.completion_ref = completion.completion_ref
        LEFT JOIN LATERAL (
            SELECT response.response_id, response.recorded_at FROM response
            WHERE response.completion_ref = attempt.completion_ref AND response.callback_id = attempt.callback_id
                AND response.permit_no = attempt.permit_no AND response.purpose = 'survey'
            ORDER BY response.response_id LIMIT 1
        ) AS response ON true
        WHERE completion.completed_at >= $1 AND completion.completed_at < $2
            AND attempt.purpose = 'survey' AND attempt.disposition <> 'not_attempted'
        ORDER BY attempt.attempt_id
        """,
        since,
        until,
        schema=CALLS,
    )


async def steps(connection: asyncpg.Connection, since: datetime, until: datetime) -> pl.DataFrame:
    """`step` and `seconds` of each step that was taken, in the order of the business keys."""
    return await table(
        connection,
        """
        WITH span AS MATERIALIZED (
            SELECT completion_ref, source, service_id, accepted_at FROM completion
            WHERE completed_at >= $1 AND completed_at < $2
        ), taken AS (
            SELECT 'first_attempt' AS step, span.completion_ref AS key,
                min(attempt.started_at) - span.accepted_at AS took, span.source, span.service_id
            FROM span JOIN contact_attempt AS attempt ON attempt.completion_ref = span.completion_ref
            WHERE attempt.purpose = 'survey' AND attempt.started_at IS NOT NULL
            GROUP BY span.completion_ref, span.accepted_at, span.source, span.service_id
            UNION ALL
            SELECT 'record', attempt.attempt_id, response.recorded_at - attempt.ended_at, span.source, span.service_id
            FROM span
            JOIN contact_attempt AS attempt ON attempt.completion_ref = span.completion_ref
            JOIN response ON response.callback_id = attempt.callback_id AND response.permit_no = attempt.permit_no
                AND response.completion_ref = span.completion_ref AND response.purpose = 'survey'
            WHERE attempt.channel = 'phone' AND attempt.connected_at IS NOT NULL AND response.final
            UNION ALL
            SELECT 'working', working.case_id, working.first_at - opened.opened_at, span.source, span.service_id
            FROM span
            JOIN case_step AS working ON working.completion_ref = span.completion_ref AND working.state = 'working'
            JOIN followup_case AS opened ON opened.case_id = working.case_id
            UNION ALL
            SELECT 'told', told.case_id, told.first_at - working.first_at, span.source, span.service_id
            FROM span
            JOIN case_step AS told ON told.completion_ref = span.completion_ref AND told.state = 'told'
            JOIN case_step AS working ON working.case_id = told.case_id AND working.state = 'working'
        )
        SELECT step, greatest(0, extract(epoch FROM took))::double precision AS seconds, source, service_id
        FROM taken ORDER BY step, key
        """,
        since,
        until,
        schema=STEPS,
    )


async def measures(connection: asyncpg.Connection, periods: Sequence[str]) -> list[dict[str, Any]]:
    """Measures opened for one of the periods, and those of earlier ones that are not over."""
    rows = await connection.fetch(
        """
        SELECT improvement_id, period, report_row AS row, measure, department, owner, due_on, state
        FROM improvement
        WHERE period = ANY ($1::text[]) OR (period < $2 AND state IN ('open', 'working'))
        ORDER BY due_on, improvement_id
        """,
        list(periods),
        min(periods),
    )
    return [dict(row) for row in rows]
