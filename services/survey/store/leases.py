"""Leases: who holds which callback. Callers hold the customer's lock."""

from datetime import datetime

import asyncpg

from services.survey.leases import Agent, Lease, LeaseState
from services.survey.permits import Permit

_COLUMNS = """lease.callback_id, lease.permit_no, lease.customer_ref, lease.agent, lease.agent_name, lease.state,
    lease.claimed_at, lease.dialled_at, lease.hung_up_at, lease.due_at"""


async def lease_of(connection: asyncpg.Connection, callback_id: str) -> Lease | None:
    """The lease on this callback; one on a permit that was closed meanwhile is none."""
    row = await connection.fetchrow(
        f"""SELECT {_COLUMNS} FROM lease JOIN permit USING (callback_id, permit_no)
            WHERE callback_id = $1 AND permit.state <> 'closed'""",  # noqa: S608  own columns
        callback_id,
    )
    return None if row is None else _lease(row)


async def held_by(connection: asyncpg.Connection, login: str) -> Lease | None:
    row = await connection.fetchrow(
        f"""SELECT {_COLUMNS} FROM lease JOIN permit USING (callback_id, permit_no)
            WHERE agent = $1 AND permit.state <> 'closed'""",  # noqa: S608  own columns
        login,
    )
    return None if row is None else _lease(row)


async def insert(
    connection: asyncpg.Connection, permit: Permit, agent: Agent, *, now: datetime, due_at: datetime
) -> bool:
    """False when somebody holds the permit, or the agent holds another one."""
    found = await connection.fetchval(
        """INSERT INTO lease (callback_id, permit_no, customer_ref, agent, agent_name, claimed_at, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING true""",
        permit.callback.callback_id,
        permit.permit_no,
        permit.callback.customer_ref,
        agent.login,
        agent.name,
        now,
        due_at,
    )
    return found is not None


async def drop_dead(connection: asyncpg.Connection, login: str) -> None:
    """Leases of this agent on permits that were closed under them: taken back, suppressed, answered online."""
    await connection.execute(
        """DELETE FROM lease USING permit
           WHERE lease.agent = $1 AND permit.state = 'closed'
             AND (permit.callback_id, permit.permit_no) = (lease.callback_id, lease.permit_no)""",
        login,
    )


async def delete(connection: asyncpg.Connection, lease: Lease) -> None:
    await connection.execute(
        "DELETE FROM lease WHERE callback_id = $1 AND permit_no = $2", lease.callback_id, lease.permit_no
    )


async def renew(connection: asyncpg.Connection, lease: Lease, due_at: datetime) -> None:
    await connection.execute(
        "UPDATE lease SET due_at = $3 WHERE callback_id = $1 AND permit_no = $2",
        lease.callback_id,
        lease.permit_no,
        due_at,
    )


async def set_dialled(connection: asyncpg.Connection, lease: Lease, *, now: datetime, due_at: datetime) -> None:
    await connection.execute(
        """UPDATE lease SET state = 'dialled', dialled_at = $3, due_at = $4
           WHERE callback_id = $1 AND permit_no = $2""",
        lease.callback_id,
        lease.permit_no,
        now,
        due_at,
    )


async def set_hung_up(connection: asyncpg.Connection, lease: Lease, *, now: datetime, due_at: datetime) -> None:
    await connection.execute(
        """UPDATE lease SET state = 'wrapup', hung_up_at = $3, due_at = $4
           WHERE callback_id = $1 AND permit_no = $2""",
        lease.callback_id,
        lease.permit_no,
        now,
        due_at,
    )


async def due(connection: asyncpg.Connection, now: datetime, limit: int) -> list[Lease]:
    """Leases whose time is over, whatever became of their permits."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM lease WHERE due_at <= $1 ORDER BY due_at LIMIT $2",  # noqa: S608  own columns
        now,
        limit,
    )
    return [_lease(row) for row in rows]


async def still_due(connection: asyncpg.Connection, lease: Lease, now: datetime) -> Lease | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM lease WHERE callback_id = $1 AND permit_no = $2 AND due_at <= $3",  # noqa: S608
        lease.callback_id,
        lease.permit_no,
        now,
    )
    return None if row is None else _lease(row)


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval("SELECT min(due_at) FROM lease")
    return instant


def _lease(row: asyncpg.Record) -> Lease:
    return Lease(**{**dict(row), "state": LeaseState(row["state"])})
