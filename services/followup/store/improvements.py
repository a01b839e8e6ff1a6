"""Improvement measures."""

import asyncpg

from chassis.rows import as_json, columns, insert, loaded, replacing
from services.followup.improvements import Improvement

_IMPROVEMENT = columns(Improvement)
_PUT = (
    insert(Improvement, "improvement")
    + replacing(Improvement, "improvement_id")
    + " WHERE excluded.revision > improvement.revision"
)


async def put(connection: asyncpg.Connection, measure: Improvement) -> None:
    await connection.execute(_PUT, as_json([measure]))


async def one(connection: asyncpg.Connection, improvement_id: str) -> Improvement | None:
    rows = await connection.fetch(
        f"SELECT {_IMPROVEMENT} FROM improvement WHERE improvement_id = $1",  # noqa: S608
        improvement_id,
    )
    found = loaded(Improvement, rows)
    return found[0] if found else None


async def listed(
    connection: asyncpg.Connection, *, period: str | None, department: str | None, limit: int = 300
) -> list[Improvement]:
    """Not done first, by date. A department sees its own and those of nobody in particular."""
    rows = await connection.fetch(
        f"""
        SELECT {_IMPROVEMENT} FROM improvement
        WHERE ($1::text IS NULL OR period = $1) AND ($2::text IS NULL OR department IS NULL OR department = $2)
        ORDER BY state IN ('done', 'dropped'), due_on, improvement_id LIMIT $3
        """,  # noqa: S608
        period,
        department,
        limit,
    )
    return loaded(Improvement, rows)
