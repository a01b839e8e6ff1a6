"""How much work lies ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from services.scheduler.forecast import Ahead
from services.scheduler.planner import BUDGET_USED, OUTSIDE_PREFERENCE, SOFT_BAN


@dataclass(frozen=True)
class Wanted:
    """Which work is asked about; None: all of it."""

    scenario: str | None = None
    skill: str | None = None


@dataclass(frozen=True)
class Load:
    """Alike pending calls, and how many of them gave way to harder rules or wait for the contact budget."""

    ahead: Ahead
    soft_bans: int
    outside_preference: int
    budget_waits: int
    budget_leaves: int
    """No lawful start is left once the budget is free again."""


@dataclass(frozen=True)
class Released:
    skill: str
    scenario: str
    priority: int
    calls: int


@dataclass(frozen=True)
class Backlog:
    priority: int
    open: int
    earliest_deadline: datetime
    waits_since: datetime | None
    """When the pending permit that waits longest fell due."""
    lifted: int
    """Classes of priority that waiting has lifted one of them over, at most."""


@dataclass(frozen=True)
class Call:
    source: str
    service_id: str
    scenario: str
    priority: int
    skill: str
    due_at: datetime
    deadline: datetime
    plan: Mapping[str, Any]


async def pending_calls(connection: asyncpg.Connection, *, zone: str, now: datetime, until: datetime) -> list[Load]:
    """Pending telephone permits due before `until`, by hours of that clock; overdue ones count in the current one."""
    rows = await connection.fetch(
        """
        SELECT date_trunc('hour', greatest(p.due_at, $1), $3) AS hour, p.skill, b.scenario, b.priority,
            date_trunc('hour', b.deadline, $3) AS deadline, b.first_tried_at IS NULL AS first,
            p.kind = 'agreed' AS agreed, date_trunc('hour', p.urgency, $3) AS urgency, count(*) AS calls,
            count(*) FILTER (WHERE greatest(p.due_at, $1) > b.deadline) AS late,
            count(*) FILTER (WHERE p.plan -> 'broken' ? $4) AS soft_bans,
            count(*) FILTER (WHERE p.plan -> 'broken' ? $5) AS outside_preference,
            count(*) FILTER (WHERE p.plan ->> 'put_off' = 'budget' OR p.plan #>> '{budget,free_at}' IS NOT NULL)
                AS budget_waits,
            count(*) FILTER (WHERE p.plan -> 'reasons' ? $6) AS budget_leaves
        FROM permit AS p JOIN callback AS b USING (callback_id)
        WHERE p.state = 'pending' AND p.channel = 'phone' AND p.due_at < $2
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        """,
        now, until, zone, SOFT_BAN, OUTSIDE_PREFERENCE, BUDGET_USED,
    )  # fmt: skip
    return [_load(row) for row in rows]


async def released_calls(connection: asyncpg.Connection, *, since: datetime, skills: Sequence[str]) -> list[Released]:
    """Telephone permits released since then."""
    rows = await connection.fetch(
        """
        SELECT p.skill, b.scenario, b.priority, count(*) AS calls
        FROM permit AS p JOIN callback AS b USING (callback_id)
        WHERE p.skill = ANY ($1::text[]) AND p.released_at >= $2 AND p.channel = 'phone' GROUP BY 1, 2, 3
        """,
        list(skills),
        since,
    )
    return [Released(**dict(row)) for row in rows]


async def backlog(connection: asyncpg.Connection, wanted: Wanted, now: datetime) -> list[Backlog]:
    """Open callbacks by priority, on every channel."""
    rows = await connection.fetch(
        """
        SELECT b.priority, count(*) AS open, min(b.deadline) AS earliest_deadline,
            min(first.due) FILTER (WHERE first.due < $3) AS waits_since,
            coalesce(max(floor((b.priority - 1) * extract(epoch FROM $3 - first.due)
                / nullif(extract(epoch FROM p.urgency - first.due), 0))), 0)::int AS lifted
        FROM callback AS b
            LEFT JOIN permit AS p ON p.callback_id = b.callback_id AND p.state = 'pending'
            LEFT JOIN LATERAL (
                SELECT coalesce(p.earlier_plans #>> '{0,start}', p.plan ->> 'start')::timestamptz AS due
            ) AS first ON true
        WHERE b.closed_at IS NULL AND ($1::text IS NULL OR b.scenario = $1) AND ($2::text IS NULL OR b.skill = $2)
        GROUP BY b.priority ORDER BY b.priority
        """,
        wanted.scenario,
        wanted.skill,
        now,
    )
    return [_backlog(row) for row in rows]


async def missed(connection: asyncpg.Connection, wanted: Wanted, *, since: datetime, now: datetime) -> int:
    """Callbacks with a deadline between the two that was missed: first contact after it, or none at all."""
    count: int = await connection.fetchval(
        """
        SELECT count(*) FROM callback
        WHERE deadline >= $1 AND deadline < $2 AND (first_tried_at > deadline OR explanation = 'window_missed')
          AND ($3::text IS NULL OR scenario = $3) AND ($4::text IS NULL OR skill = $4)
        """,
        since, now, wanted.scenario, wanted.skill,
    )  # fmt: skip
    return count


async def calls_between(
    connection: asyncpg.Connection, wanted: Wanted, *, begins: datetime, ends: datetime, late_at: datetime | None,
    limit: int,
) -> list[Call]:  # fmt: skip
    """Pending calls due from `begins` to `ends` (exclusive) in the order of release; with `late_at` only the first
    contacts that would, at that instant or when due, start after their deadline."""
    rows = await connection.fetch(
        """
        SELECT c.source, c.service_id, b.scenario, b.priority, p.skill, p.due_at, b.deadline, p.plan
        FROM permit AS p JOIN callback AS b USING (callback_id) JOIN completion AS c USING (completion_ref)
        WHERE p.state = 'pending' AND p.channel = 'phone' AND p.due_at >= $1 AND p.due_at < $2
          AND ($3::text IS NULL OR b.scenario = $3) AND ($4::text IS NULL OR p.skill = $4)
          AND ($5::timestamptz IS NULL OR (b.first_tried_at IS NULL AND greatest(p.due_at, $5) > b.deadline))
        ORDER BY p.urgency, p.callback_id LIMIT $6
        """,
        begins, ends, wanted.scenario, wanted.skill, late_at, limit,
    )  # fmt: skip
    return [Call(**dict(row)) for row in rows]


def _backlog(row: asyncpg.Record) -> Backlog:
    return Backlog(**{**dict(row), "lifted": max(0, min(row["lifted"], row["priority"] - 1))})


def _load(row: asyncpg.Record) -> Load:
    fields = dict(row)
    apart = {name: fields.pop(name) for name in ("soft_bans", "outside_preference", "budget_waits", "budget_leaves")}
    fields |= {name: row[name].astimezone(UTC) for name in ("hour", "deadline", "urgency")}
    return Load(ahead=Ahead(**fields), **apart)
