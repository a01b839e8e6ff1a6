"""Praise that a supervisor made an example of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.rows import columns, loaded


@dataclass(frozen=True)
class Practice:
    """`practice`: the house's own words for what the team did well; they outlive the customer's."""

    item_id: str
    practice: str
    marked_by: str
    marked_at: datetime
    department: str
    team: str | None


async def latest(connection: asyncpg.Connection, limit: int = 100) -> list[Practice]:
    """Of every team, the newest first: what one does well the others may learn."""
    rows = await connection.fetch(
        f"""
        SELECT {columns(Practice)} FROM best_practice JOIN item USING (item_id)
        WHERE item.state <> 'withdrawn' ORDER BY marked_at DESC, item_id LIMIT $1
        """,  # noqa: S608
        limit,
    )
    return loaded(Practice, rows)


async def marked(connection: asyncpg.Connection, item_ids: Iterable[str]) -> set[str]:
    rows = await connection.fetch("SELECT item_id FROM best_practice WHERE item_id = ANY ($1::text[])", list(item_ids))
    return {row["item_id"] for row in rows}


async def mark(connection: asyncpg.Connection, item_id: str, practice: str, by: str, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO best_practice (item_id, practice, marked_by, marked_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (item_id) DO UPDATE SET practice = excluded.practice, marked_by = excluded.marked_by,
            marked_at = excluded.marked_at
        """,
        item_id,
        practice,
        by,
        now,
    )


async def unmark(connection: asyncpg.Connection, item_id: str) -> None:
    await connection.execute("DELETE FROM best_practice WHERE item_id = $1", item_id)
