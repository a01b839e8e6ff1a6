"""What a supervisor watches: calls in hand, queues by skill, wrap-ups, and what waits for a decision."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.survey.leases import RECORD_WITHIN, Lease, LeaseState
from services.survey.permits import Permit
from services.survey.store.rows import PERMIT_COLUMNS, PERMIT_TABLES, permit_from


@dataclass(frozen=True)
class InHand:
    """A callback that an agent holds."""

    lease: Lease
    permit: Permit


@dataclass(frozen=True)
class SkillQueue:
    """Telephone permits that wait for one skill. `ready`: may start now; `first_end`: when the first of these ends."""

    skill: str
    ready: int
    complaints: int
    later: int
    in_hand: int
    first_end: datetime | None


@dataclass(frozen=True)
class WrapUps:
    """Calls of today that were connected, and how many of their records were complete in time."""

    connected: int
    in_time: int


@dataclass(frozen=True)
class Decisions:
    flags: int
    voided: int


async def in_hand(connection: asyncpg.Connection, limit: int) -> list[InHand]:
    """Longest in hand first."""
    rows = await connection.fetch(
        f"""SELECT {PERMIT_COLUMNS}, lease.agent, lease.agent_name, lease.state AS step, lease.claimed_at,
              lease.dialled_at, lease.hung_up_at, lease.due_at
            FROM lease JOIN {PERMIT_TABLES}
              ON (lease.callback_id, lease.permit_no) = (permit.callback_id, permit.permit_no)
            WHERE permit.state <> 'closed' ORDER BY lease.claimed_at LIMIT $1""",  # noqa: S608  own columns
        limit,
    )
    return [InHand(_lease(row), permit_from(row)) for row in rows]


async def queues(connection: asyncpg.Connection, now: datetime) -> list[SkillQueue]:
    rows = await connection.fetch(
        """SELECT skill,
                  count(*) FILTER (WHERE state = 'open' AND starts @> $1::timestamptz) AS ready,
                  count(*) FILTER (WHERE state = 'open' AND starts @> $1::timestamptz AND priority = 1) AS complaints,
                  count(*) FILTER (WHERE state = 'open' AND NOT starts @> $1::timestamptz) AS later,
                  count(*) FILTER (WHERE state <> 'open') AS in_hand,
                  min(least(deadline, upper(starts))) FILTER (WHERE state = 'open' AND starts @> $1::timestamptz)
                    AS first_end
           FROM permit WHERE channel = 'phone' AND state <> 'closed' GROUP BY skill ORDER BY skill""",
        now,
    )
    return [SkillQueue(**dict(row)) for row in rows]


async def wrap_ups(connection: asyncpg.Connection, since: datetime) -> WrapUps:
    """Requirement SV3: the record is complete within 10 minutes after hang-up."""
    row = await connection.fetchrow(
        """SELECT count(*) AS connected, count(*) FILTER (WHERE closed_at <= ended_at + $2) AS in_time
           FROM contact_attempt
           WHERE closed_at >= $1 AND disposition <> 'not_attempted'
             AND agent IS NOT NULL AND connected_at IS NOT NULL""",
        since,
        RECORD_WITHIN,
    )
    assert row is not None  # noqa: S101 - an aggregate has one row
    return WrapUps(**dict(row))


async def decisions(connection: asyncpg.Connection, since: datetime) -> Decisions:
    """Quality flags that nobody decided yet, and records voided since."""
    row = await connection.fetchrow(
        """SELECT (SELECT count(*) FROM quality_flag WHERE decision IS NULL) AS flags,
                  (SELECT count(*) FROM response WHERE voided_at >= $1 AND void_reason LIKE 'duplicate of %')
                    AS voided""",
        since,
    )
    assert row is not None  # noqa: S101 - a select without FROM has one row
    return Decisions(**dict(row))


async def reserved(
    connection: asyncpg.Connection, login: str, begins: datetime, ends: datetime
) -> list[tuple[str, datetime]]:
    """Callbacks that wait for this agent and begin in this time, the first one first."""
    rows = await connection.fetch(
        """SELECT callback_id, lower(starts) AS starts_at FROM permit
           WHERE reserved_agent = $1 AND state = 'open' AND channel = 'phone' AND lower(starts) BETWEEN $2 AND $3
           ORDER BY starts_at LIMIT 5""",
        login,
        begins,
        ends,
    )
    return [(row["callback_id"], row["starts_at"]) for row in rows]


async def pulse(connection: asyncpg.Connection, now: datetime) -> tuple[int, int, int]:
    """Three counts that move when something moves: what may start, what is in hand, what was ever let through."""
    row = await connection.fetchrow(
        """SELECT count(*) FILTER (WHERE state = 'open' AND starts @> $1::timestamptz) AS ready,
                  count(*) FILTER (WHERE state IN ('claimed', 'dialled')) AS in_hand,
                  (SELECT count(*) FROM lease WHERE state = 'wrapup') AS wrapping
           FROM permit WHERE channel = 'phone' AND state <> 'closed'""",
        now,
    )
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row["ready"], row["in_hand"], row["wrapping"]


def _lease(row: asyncpg.Record) -> Lease:
    given = ("callback_id", "permit_no", "customer_ref", "agent", "agent_name")
    times = ("claimed_at", "dialled_at", "hung_up_at", "due_at")
    return Lease(state=LeaseState(row["step"]), **{name: row[name] for name in (*given, *times)})
