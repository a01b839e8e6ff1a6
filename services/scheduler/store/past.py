"""A span of the ledger as it is read for a replay: facts and plans, nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

CHUNK = 5000
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Span:
    """Completions of [begins, ends); `periods`: the months it touches, by which the ledger is indexed."""

    begins: datetime
    ends: datetime
    periods: tuple[str, ...]


async def count(connection: asyncpg.Connection, span: Span) -> int:
    found: int = await connection.fetchval(
        "SELECT count(*) FROM completion WHERE period = ANY ($3::text[]) AND completed_at >= $1 AND completed_at < $2",
        span.begins,
        span.ends,
        span.periods,
    )
    return found


async def completions(connection: asyncpg.Connection, span: Span) -> list[Row]:
    """Every row of the ledger of the span by (source, service_id), in chunks of 5,000."""
    found: list[Row] = []
    after = ("", "")
    while True:
        rows = await connection.fetch(
            """
            SELECT completion_ref, source, service_id, customer_ref, scenario, verdict, reason, period, stratum,
                   thousandths, policy_version, completed_at, handled_at, counted_from, accepted_at, zone, phone_index,
                   email_index, corrections, context
            FROM completion
            WHERE period = ANY ($3::text[]) AND completed_at >= $1 AND completed_at < $2
              AND (source, service_id) > ($4, $5)
            ORDER BY source, service_id LIMIT $6
            """,
            span.begins,
            span.ends,
            span.periods,
            *after,
            CHUNK,
        )
        found += rows
        if len(rows) < CHUNK:
            return found
        after = (rows[-1]["source"], rows[-1]["service_id"])


async def callbacks(connection: asyncpg.Connection, span: Span) -> list[Row]:
    """The callbacks of those completions."""
    rows = await connection.fetch(
        """
        SELECT b.callback_id, b.completion_ref, b.not_before, b.deadline, b.not_after, b.priority, b.skill,
               b.passes_budget, b.reserved_agent, b.channel_wish, b.opened_at, b.explanation, b.closed_at
        FROM callback AS b JOIN completion AS c USING (completion_ref)
        WHERE c.period = ANY ($3::text[]) AND c.completed_at >= $1 AND c.completed_at < $2
        """,
        span.begins,
        span.ends,
        span.periods,
    )
    return list(rows)


async def permits(connection: asyncpg.Connection, span: Span) -> list[Row]:
    """Their permits with every plan, by callback and number."""
    rows = await connection.fetch(
        """
        SELECT p.callback_id, p.permit_no, p.channel, p.channel_reason, p.skill, p.kind, p.plan, p.earlier_plans,
               p.released_at, p.ended_at, p.started_at, p.disposition, p.not_attempted, p.cancelled, p.link_until,
               p.reserved_agent, p.agent, p.shifts
        FROM permit AS p JOIN callback AS b USING (callback_id) JOIN completion AS c USING (completion_ref)
        WHERE c.period = ANY ($3::text[]) AND c.completed_at >= $1 AND c.completed_at < $2
        ORDER BY p.callback_id, p.permit_no
        """,
        span.begins,
        span.ends,
        span.periods,
    )
    return list(rows)


async def other_calls(connection: asyncpg.Connection, span: Span, since: datetime) -> list[tuple[datetime, str]]:
    """(instant, skill) of telephone permits released since `since` for completions outside the span."""
    rows = await connection.fetch(
        """
        SELECT p.released_at, p.skill
        FROM permit AS p JOIN callback AS b USING (callback_id) JOIN completion AS c USING (completion_ref)
        WHERE p.released_at >= $3 AND p.channel = 'phone' AND (c.completed_at < $1 OR c.completed_at >= $2)
        """,
        span.begins,
        span.ends,
        since,
    )
    return [(row["released_at"], row["skill"]) for row in rows]


async def other_counted(
    connection: asyncpg.Connection, span: Span, since: datetime, persons: Sequence[str]
) -> list[tuple[datetime, str]]:
    """(instant, person) of callbacks of these persons counted since `since` for completions outside the span."""
    rows = await connection.fetch(
        """
        SELECT u.counted_at, u.subject
        FROM budget AS u JOIN callback AS b USING (callback_id) JOIN completion AS c USING (completion_ref)
        WHERE u.subject = ANY ($4::text[]) AND u.counted_at >= $3
          AND (c.completed_at < $1 OR c.completed_at >= $2)
        """,
        span.begins,
        span.ends,
        since,
        persons,
    )
    return [(row["counted_at"], row["subject"]) for row in rows]


async def counted_as(connection: asyncpg.Connection, customers: Sequence[str], since: datetime) -> dict[str, str]:
    """In whose contact budget each callback of these customers was counted since `since`, by callback."""
    rows = await connection.fetch(
        """
        SELECT u.callback_id, u.subject FROM budget AS u
        WHERE u.counted_at >= $2 AND u.subject IN (
            SELECT subject FROM contact_link WHERE customer_ref = ANY ($1::text[])
            UNION SELECT 'customer:' || ref FROM unnest($1::text[]) AS ref)
        """,
        customers,
        since,
    )
    return {row["callback_id"]: row["subject"] for row in rows}


async def suppressed(connection: asyncpg.Connection) -> list[Row]:
    rows = await connection.fetch("SELECT subject, scope, changed_at FROM suppression WHERE state = 'suppressed'")
    return list(rows)


async def secrets(connection: asyncpg.Connection, periods: Sequence[str]) -> dict[str, bytes]:
    """The secrets of these periods; only the scheduler's own role may read them."""
    rows = await connection.fetch("SELECT period, secret FROM period_secret WHERE period = ANY ($1::text[])", periods)
    return {row["period"]: row["secret"] for row in rows}


async def single_policies(connection: asyncpg.Connection) -> list[Row]:
    """Every policy of one scenario that ever decided: version, scenario, content."""
    return list(await connection.fetch("SELECT version, scenario, content FROM policy WHERE scenario IS NOT NULL"))


async def published(connection: asyncpg.Connection) -> list[Row]:
    """Every whole set with the instant since which it plans contacts, the oldest first."""
    return list(
        await connection.fetch(
            """
            SELECT e.published_at, p.content FROM policy_edition AS e JOIN policy AS p USING (version)
            ORDER BY e.sequence
            """
        )
    )


async def capacities(connection: asyncpg.Connection) -> list[Row]:
    """The agents' shifts by version with the instant since which releases went by them, the oldest first."""
    return list(await connection.fetch("SELECT since, version, content FROM capacity_edition ORDER BY sequence"))
