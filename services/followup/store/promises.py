"""Promises."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg

from chassis.rows import as_json, columns, insert, loaded, replacing
from services.followup.case import Case
from services.followup.promise import Promise

_PROMISE = columns(Promise)
_ADD = insert(Promise, "promise") + "ON CONFLICT (promise_id) DO NOTHING RETURNING promise_id"
_PUT = insert(Promise, "promise") + replacing(Promise, "promise_id") + " WHERE excluded.revision >= promise.revision"


async def add(connection: asyncpg.Connection, promises: Sequence[Promise]) -> set[str]:
    """Ids of those that were not known before."""
    if not promises:
        return set()
    rows = await connection.fetch(_ADD, as_json({p.promise_id: p for p in promises}.values()))
    return {row["promise_id"] for row in rows}


async def save(connection: asyncpg.Connection, promises: Sequence[Promise]) -> None:
    if promises:
        await connection.execute(_PUT, as_json(promises))


async def promise(connection: asyncpg.Connection, promise_id: str) -> Promise | None:
    found = await _where(connection, "promise_id = ANY ($1::text[])", [promise_id])
    return found[0] if found else None


async def of_responses(connection: asyncpg.Connection, response_ids: Iterable[str]) -> list[Promise]:
    wanted = list(response_ids)
    return await _where(connection, "response_id = ANY ($1::text[])", wanted) if wanted else []


async def of_customers(connection: asyncpg.Connection, refs: Iterable[str]) -> list[Promise]:
    wanted = list(refs)
    return await _where(connection, "customer_ref = ANY ($1::text[])", wanted) if wanted else []


async def of_case(connection: asyncpg.Connection, case: Case) -> list[Promise]:
    """What its department promised, and what it took along from another."""
    return await _where(
        connection,
        "(case_id = $1 OR response_id = $2 AND department = $3) AND state <> 'withdrawn'",
        case.case_id,
        case.response_id,
        case.department,
    )


async def due_to_ask(connection: asyncpg.Connection, now: datetime, limit: int) -> list[Promise]:
    condition = "state = 'open' AND asked_at IS NULL AND ask_at <= $1"
    return await _where(connection, condition, now, order="ask_at", limit=limit)


async def due_to_break(connection: asyncpg.Connection, now: datetime, limit: int) -> list[Promise]:
    return await _where(connection, "state = 'open' AND due_at <= $1", now, order="due_at", limit=limit)


async def next_ask(connection: asyncpg.Connection) -> datetime | None:
    at: datetime | None = await connection.fetchval(
        "SELECT min(ask_at) FROM promise WHERE state = 'open' AND asked_at IS NULL"
    )
    return at


async def next_break(connection: asyncpg.Connection) -> datetime | None:
    at: datetime | None = await connection.fetchval("SELECT min(due_at) FROM promise WHERE state = 'open'")
    return at


async def listed(connection: asyncpg.Connection, *, department: str | None, limit: int = 200) -> list[Promise]:
    """Open ones by due time, then the settled ones, the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_PROMISE} FROM promise WHERE ($1::text IS NULL OR department = $1) AND state <> 'withdrawn'
        ORDER BY state = 'open' DESC, CASE WHEN state = 'open' THEN due_at END, due_at DESC LIMIT $2
        """,  # noqa: S608
        department,
        limit,
    )
    return loaded(Promise, rows)


async def _where(
    connection: asyncpg.Connection, condition: str, *values: object, order: str = "due_at", limit: int | None = None
) -> list[Promise]:
    bound = f"LIMIT {limit}" if limit else ""
    rows = await connection.fetch(
        f"SELECT {_PROMISE} FROM promise WHERE {condition} ORDER BY {order}, promise_id {bound}",  # noqa: S608
        *values,
    )
    return loaded(Promise, rows)
