"""What became of one completion, as it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.scheduler.callback import Callback
from services.scheduler.store import callbacks, stories
from services.scheduler.store.stories import StoryRow


@dataclass(frozen=True)
class Attempt:
    callback_id: str
    permit_no: int
    released_at: datetime | None
    ended_at: datetime | None
    started_at: datetime | None
    agent: str | None
    earlier_plans: Sequence[Mapping[str, Any]] = ()
    """Plans that were replaced, the oldest first."""


@dataclass(frozen=True)
class Account:
    completion: Mapping[str, Any]
    callbacks: tuple[Callback, ...]
    attempts: Mapping[tuple[str, int], Attempt]
    story: tuple[StoryRow, ...]
    secret_digest: str | None
    frame_count: int
    """Completions of its stratum in its period so far."""


async def services_named(connection: asyncpg.Connection, service_id: str) -> list[tuple[str, str]]:
    """(source, service_id) of the completions with this id."""
    rows = await connection.fetch(
        "SELECT source, service_id FROM completion WHERE service_id = $1 ORDER BY source LIMIT 20", service_id
    )
    return [(row["source"], row["service_id"]) for row in rows]


async def latest(connection: asyncpg.Connection, limit: int) -> list[Mapping[str, Any]]:
    """The completions told last."""
    rows = await connection.fetch(
        """
        SELECT source, service_id, scenario, verdict, explanation, accepted_at FROM completion
        ORDER BY accepted_at DESC, service_id LIMIT $1
        """,
        limit,
    )
    return [dict(row) for row in rows]


async def account(connection: asyncpg.Connection, source: str, service_id: str) -> Account | None:
    row = await connection.fetchrow(
        """
        SELECT completion_ref, source, service_id, customer_ref, scenario, verdict, reason, period, stratum,
               rate_version, cell, thousandths, draw, policy_version, completed_at, handled_at, accepted_at, road,
               zone, vip, counted_from, contact, context, warnings, duplicates, corrections, explanation, explained_at
        FROM completion WHERE source = $1 AND service_id = $2
        """,
        source,
        service_id,
    )
    if row is None:
        return None
    ref = row["completion_ref"]
    ids = await connection.fetch("SELECT callback_id FROM callback WHERE completion_ref = $1 ORDER BY opened_at", ref)
    known = await callbacks.load(connection, [found["callback_id"] for found in ids])
    frame_count = await connection.fetchval(
        """
        SELECT count(*) FROM completion
        WHERE period = $1 AND stratum = $2 AND verdict IN ('selected', 'not_drawn')
        """,
        row["period"],
        row["stratum"],
    )
    return Account(
        completion=dict(row),
        callbacks=tuple(known[found["callback_id"]] for found in ids),
        attempts=await _attempts(connection, list(known)),
        story=tuple(await stories.of_completion(connection, ref)),
        secret_digest=await connection.fetchval("SELECT secret_digest FROM period WHERE period = $1", row["period"]),
        frame_count=frame_count,
    )


async def _attempts(connection: asyncpg.Connection, ids: list[str]) -> dict[tuple[str, int], Attempt]:
    rows = await connection.fetch(
        """
        SELECT callback_id, permit_no, released_at, ended_at, started_at, agent, earlier_plans
        FROM permit WHERE callback_id = ANY ($1::text[])
        """,
        ids,
    )
    return {(row["callback_id"], row["permit_no"]): Attempt(**dict(row)) for row in rows}
