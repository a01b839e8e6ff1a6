"""Calls that an exchange places for agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.survey.store.permits import Key


@dataclass(frozen=True)
class AgentCall:
    """`taken_at`: since when a worker has it. `held`: its agent has not hung up on the page."""

    callback_id: str
    permit_no: int
    customer_ref: str
    telephone: str
    wanted_at: datetime
    taken_at: datetime | None
    agent_answered_at: datetime | None
    customer_answered_at: datetime | None
    early_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    cause: int | None
    held: bool

    @property
    def key(self) -> Key:
        return self.callback_id, self.permit_no

    @property
    def to_dial_by_hand(self) -> bool:
        """It ended before the customer's telephone rang."""
        return self.ended_at is not None and self.agent_answered_at is None


_CALLS = """SELECT call.callback_id, call.permit_no, call.customer_ref, call.telephone, call.wanted_at, call.taken_at,
        call.agent_answered_at, call.customer_answered_at, call.early_at, call.ended_at, call.ended_by, call.cause,
        coalesce(lease.state = 'dialled', false) AS held
    FROM agent_call AS call LEFT JOIN lease USING (callback_id, permit_no)"""


async def insert(
    connection: asyncpg.Connection, key: Key, *, customer_ref: str, exchange: str, telephone: str, at: datetime
) -> None:
    await connection.execute(
        """INSERT INTO agent_call (callback_id, permit_no, customer_ref, exchange, telephone, wanted_at)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING""",
        *key,
        customer_ref,
        exchange,
        telephone,
        at,
    )


async def call_of(connection: asyncpg.Connection, key: Key) -> AgentCall | None:
    """None when the agent dials with a telephone of their own."""
    row = await connection.fetchrow(f"{_CALLS} WHERE (call.callback_id, call.permit_no) = ($1, $2)", *key)
    return None if row is None else AgentCall(**dict(row))


async def open_at(connection: asyncpg.Connection, exchange: str) -> list[AgentCall]:
    """Calls of this exchange that have no end yet."""
    rows = await connection.fetch(f"{_CALLS} WHERE call.exchange = $1 AND call.ended_at IS NULL", exchange)
    return [AgentCall(**dict(row)) for row in rows]


async def note(connection: asyncpg.Connection, key: Key, moment: str, at: datetime) -> None:
    """`moment`: taken, agent_answered or customer_answered; the first time stays."""
    column = {name: f"{name}_at" for name in ("taken", "agent_answered", "customer_answered")}[moment]
    await connection.execute(
        f"""UPDATE agent_call SET {column} = $3
            WHERE callback_id = $1 AND permit_no = $2 AND {column} IS NULL""",  # noqa: S608  three own words
        *key,
        at,
    )


async def note_answer(connection: asyncpg.Connection, key: Key, at: datetime) -> None:
    """That something was answered; kept where the customer has not taken the call. The first time stays."""
    await connection.execute(
        """UPDATE agent_call SET early_at = $3
           WHERE callback_id = $1 AND permit_no = $2 AND customer_answered_at IS NULL AND early_at IS NULL""",
        *key,
        at,
    )


async def early(connection: asyncpg.Connection, keys: Sequence[Key]) -> list[AgentCall]:
    """Of these contacts those in which something was answered before the customer took the call, or without it."""
    rows = await connection.fetch(
        f"""{_CALLS} JOIN unnest($1::text[], $2::integer[]) AS asked (callback_id, permit_no)
                USING (callback_id, permit_no) WHERE call.early_at IS NOT NULL""",
        [callback_id for callback_id, _ in keys],
        [permit_no for _, permit_no in keys],
    )
    return [AgentCall(**dict(row)) for row in rows]


async def finish(connection: asyncpg.Connection, key: Key, *, by: str, cause: int, at: datetime) -> bool:
    """False when its end was told before."""
    found = await connection.fetchval(
        """UPDATE agent_call SET ended_at = $3, ended_by = $4, cause = $5
           WHERE callback_id = $1 AND permit_no = $2 AND ended_at IS NULL RETURNING true""",
        *key,
        at,
        by,
        cause,
    )
    return found is not None
