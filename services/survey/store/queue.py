"""The agents' queue: telephone permits that may start now, and who has the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import Priority
from services.survey.leases import RESERVED, Agent
from services.survey.permits import Permit
from services.survey.store.rows import PERMIT_COLUMNS, PERMIT_TABLES, permit_from

# The same rule as leases.reserved_until, where the rows are.
_FREE_AT = """greatest(permit.received_at, lower(permit.starts)) + least($4::interval,
    greatest(upper(permit.starts) - greatest(permit.received_at, lower(permit.starts)), interval '0') / 2)"""
_MINE = f"""permit.channel = 'phone' AND permit.skill = ANY ($2)
    AND (permit.reserved_agent IS NULL OR permit.reserved_agent = $3 OR {_FREE_AT} <= $1)"""
_NOW = "permit.state = 'open' AND permit.starts @> $1::timestamptz"


@dataclass(frozen=True)
class QueueRow:
    """`holder`: name of the agent who has it; `tries`: contacts before this one."""

    permit: Permit
    window_ends: datetime
    holder: str | None
    holder_login: str | None
    tries: int


@dataclass(frozen=True)
class OwnFigures:
    done_today: int
    appointments: int


async def rows(
    connection: asyncpg.Connection,
    agent: Agent,
    now: datetime,
    *,
    priority: Priority | None,
    skill: str | None = None,
    limit: int,
    offset: int = 0,
) -> list[QueueRow]:
    """What this agent may claim now, and what others hold: reserved for the agent first, then priority, window end."""
    found = await connection.fetch(
        f"""SELECT {PERMIT_COLUMNS}, least(permit.deadline, upper(permit.starts)) AS window_ends, lease.agent_name,
              lease.agent, (SELECT count(*) FROM contact_attempt WHERE contact_attempt.callback_id = permit.callback_id
                            AND disposition <> 'not_attempted') AS tries
            FROM {PERMIT_TABLES} LEFT JOIN lease
              ON (lease.callback_id, lease.permit_no) = (permit.callback_id, permit.permit_no)
            WHERE {_MINE} AND permit.state <> 'closed' AND ({_NOW} OR lease.agent IS NOT NULL)
              AND ($5::integer IS NULL OR permit.priority = $5) AND ($8::text IS NULL OR permit.skill = $8)
            ORDER BY permit.reserved_agent = $3 DESC NULLS LAST, permit.priority, window_ends, permit.callback_id
            LIMIT $6 OFFSET $7""",  # noqa: S608  own columns
        now,
        list(agent.takes),
        agent.login,
        RESERVED,
        priority,
        limit,
        offset,
        skill,
    )
    return [
        QueueRow(permit_from(row), row["window_ends"], row["agent_name"], row["agent"], row["tries"]) for row in found
    ]


async def waiting(connection: asyncpg.Connection, agent: Agent, now: datetime) -> Mapping[Priority, int]:
    """How many this agent could claim now, by priority."""
    found = await connection.fetch(
        f"SELECT permit.priority, count(*) AS n FROM permit WHERE {_MINE} AND {_NOW} GROUP BY permit.priority",  # noqa: S608
        now,
        list(agent.takes),
        agent.login,
        RESERVED,
    )
    return {Priority(row["priority"]): row["n"] for row in found}


async def next_start(connection: asyncpg.Connection, agent: Agent, now: datetime) -> datetime | None:
    """The next instant at which something more can be claimed by this agent; None when nothing is known yet."""
    instant: datetime | None = await connection.fetchval(
        f"""SELECT min(greatest(
                CASE WHEN permit.starts @> $1::timestamptz THEN $1
                     ELSE lower(permit.starts * tstzmultirange(tstzrange($1, NULL))) END,
                CASE WHEN permit.reserved_agent IS NULL OR permit.reserved_agent = $3 THEN $1 ELSE {_FREE_AT} END))
            FROM permit
            WHERE permit.channel = 'phone' AND permit.state = 'open' AND permit.skill = ANY ($2)
              AND upper(permit.starts) > $1 AND NOT (permit.starts @> $1::timestamptz AND ({_MINE}))""",  # noqa: S608
        now,
        list(agent.takes),
        agent.login,
        RESERVED,
    )
    return instant


async def claimable(connection: asyncpg.Connection, callback_id: str) -> Permit | None:
    """The callback's telephone permit that has no end yet."""
    row = await connection.fetchrow(
        f"""SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES}
            WHERE callback_id = $1 AND permit.channel = 'phone' AND permit.state <> 'closed'
            ORDER BY permit.permit_no LIMIT 1""",  # noqa: S608  own columns
        callback_id,
    )
    return None if row is None else permit_from(row)


async def customer_of(connection: asyncpg.Connection, callback_id: str) -> str | None:
    ref: str | None = await connection.fetchval("SELECT customer_ref FROM callback WHERE callback_id = $1", callback_id)
    return ref


async def tries(connection: asyncpg.Connection, callback_id: str) -> int:
    """Contacts with this callback so far."""
    count: int = await connection.fetchval(
        "SELECT count(*) FROM contact_attempt WHERE callback_id = $1 AND disposition <> 'not_attempted'", callback_id
    )
    return count


async def own_figures(connection: asyncpg.Connection, agent: Agent, *, since: datetime) -> OwnFigures:
    row = await connection.fetchrow(
        """SELECT (SELECT count(*) FROM contact_attempt WHERE agent = $1 AND closed_at >= $2) AS done_today,
                  (SELECT count(*) FROM permit WHERE reserved_agent = $1 AND state = 'open' AND channel = 'phone')
                    AS appointments""",
        agent.login,
        since,
    )
    assert row is not None  # noqa: S101 - a select without FROM has one row
    return OwnFigures(done_today=row["done_today"], appointments=row["appointments"])
