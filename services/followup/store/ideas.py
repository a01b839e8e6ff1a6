"""The suggestion library: ideas, which items they hold, votes and histories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import asyncpg

from chassis.rows import as_json, columns, insert, loaded, replacing
from services.followup.case import Actor
from services.followup.ideas import Idea, IdeaOwner, IdeaStatus
from services.followup.responses import Item

_IDEA = columns(Idea)
_ITEM = ", ".join(f"item.{name.strip()}" for name in columns(Item).split(","))
_PUT = insert(Idea, "idea") + replacing(Idea, "idea_id") + " WHERE excluded.revision > idea.revision"


@dataclass(frozen=True)
class Shelved:
    """An idea with what speaks for it: customers who said it, votes of colleagues."""

    idea: Idea
    customers: int
    votes: int
    voted: bool


@dataclass(frozen=True)
class Entry:
    """One line of an idea's history."""

    at: datetime
    actor: str
    actor_name: str
    action: str
    detail: dict[str, Any]


async def new_ids(connection: asyncpg.Connection, count: int) -> list[str]:
    rows = await connection.fetch(
        "SELECT 'SG-' || nextval('idea_number') AS idea_id FROM generate_series(1, $1)", count
    )
    return [row["idea_id"] for row in rows]


async def put(connection: asyncpg.Connection, ideas: Sequence[Idea]) -> None:
    await connection.execute(_PUT, as_json(ideas))


async def ideas_of(connection: asyncpg.Connection, item_ids: Iterable[str]) -> dict[str, Idea]:
    """By item."""
    names = ", ".join(f"idea.{name.strip()}" for name in _IDEA.split(","))
    rows = await connection.fetch(
        f"SELECT item_id, {names} FROM idea_item JOIN idea USING (idea_id) WHERE item_id = ANY ($1::text[])",  # noqa: S608
        list(item_ids),
    )
    found = loaded(Idea, _part(Idea, rows))
    return {row["item_id"]: idea for row, idea in zip(rows, found, strict=True)}


async def shelve(connection: asyncpg.Connection, places: Mapping[str, str]) -> None:
    """Each item belongs to this idea from now on."""
    await connection.execute(
        """
        INSERT INTO idea_item (item_id, idea_id) SELECT * FROM unnest($1::text[], $2::text[])
        ON CONFLICT (item_id) DO UPDATE SET idea_id = excluded.idea_id
        """,
        list(places),
        list(places.values()),
    )


async def idea(connection: asyncpg.Connection, idea_id: str, *, held: bool = False) -> Idea | None:
    """`held`: nobody else changes it until the transaction ends."""
    lock = "FOR UPDATE" if held else ""
    rows = await connection.fetch(
        f"SELECT {_IDEA} FROM idea WHERE idea_id = $1 {lock}",  # noqa: S608
        idea_id,
    )
    found = loaded(Idea, rows)
    return found[0] if found else None


async def shelf(
    connection: asyncpg.Connection,
    *,
    department: str | None,
    login: str,
    status: IdeaStatus | None = None,
    owner: IdeaOwner | None = None,
    limit: int = 300,
) -> list[Shelved]:
    """Most wanted first, then the newest. An idea whose every item was taken back is left out."""
    names = ", ".join(f"idea.{name.strip()}" for name in _IDEA.split(","))
    rows = await connection.fetch(
        f"""
        SELECT {names}, said.customers, voted.votes, voted.mine
        FROM idea
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT item.customer_ref) AS customers FROM idea_item JOIN item USING (item_id)
            WHERE idea_item.idea_id = idea.idea_id AND item.state <> 'withdrawn') AS said
        CROSS JOIN LATERAL (
            SELECT count(*) AS votes, coalesce(bool_or(login = $4), false) AS mine
            FROM idea_vote WHERE idea_vote.idea_id = idea.idea_id) AS voted
        WHERE idea.merged_into IS NULL AND said.customers > 0 AND ($1::text IS NULL OR idea.department = $1)
          AND ($2::text IS NULL OR idea.status = $2) AND ($3::text IS NULL OR idea.owner = $3)
        ORDER BY said.customers + voted.votes DESC, idea.opened_at DESC, idea.idea_id LIMIT $5
        """,  # noqa: S608
        department,
        status,
        owner,
        login,
        limit,
    )
    found = loaded(Idea, _part(Idea, rows))
    return [Shelved(idea, row["customers"], row["votes"], row["mine"]) for row, idea in zip(rows, found, strict=True)]


async def items_in(connection: asyncpg.Connection, idea_ids: Iterable[str]) -> dict[str, list[Item]]:
    """What was said, by idea, the oldest first; what was taken back is left out."""
    rows = await connection.fetch(
        f"""
        SELECT idea_id, {_ITEM} FROM idea_item JOIN item USING (item_id)
        WHERE idea_id = ANY ($1::text[]) AND item.state <> 'withdrawn' ORDER BY routed_at, item_id
        """,  # noqa: S608
        list(idea_ids),
    )
    found: dict[str, list[Item]] = {}
    for row, item in zip(rows, loaded(Item, _part(Item, rows)), strict=True):
        found.setdefault(row["idea_id"], []).append(item)
    return found


async def take_over(connection: asyncpg.Connection, idea_id: str, into: str) -> None:
    """Items and votes of one idea go to another; a colleague's vote counts once."""
    await connection.execute("UPDATE idea_item SET idea_id = $2 WHERE idea_id = $1", idea_id, into)
    await connection.execute(
        """
        INSERT INTO idea_vote (idea_id, login, at) SELECT $2, login, at FROM idea_vote WHERE idea_id = $1
        ON CONFLICT DO NOTHING
        """,
        idea_id,
        into,
    )


async def vote(connection: asyncpg.Connection, idea_id: str, login: str, at: datetime, *, wanted: bool) -> None:
    if wanted:
        await connection.execute(
            "INSERT INTO idea_vote (idea_id, login, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", idea_id, login, at
        )
    else:
        await connection.execute("DELETE FROM idea_vote WHERE idea_id = $1 AND login = $2", idea_id, login)


async def note(
    connection: asyncpg.Connection, idea_id: str, by: Actor, action: str, detail: Mapping[str, Any], at: datetime
) -> None:
    """One more line of its history; the caller holds the idea."""
    await connection.execute(
        """
        INSERT INTO idea_history (idea_id, sequence, at, actor, actor_name, action, detail)
        SELECT $1, coalesce(max(sequence), 0) + 1, $2, $3, $4, $5, $6 FROM idea_history WHERE idea_id = $1
        """,
        idea_id,
        at,
        by.login,
        by.name,
        action,
        dict(detail),
    )


async def history(connection: asyncpg.Connection, idea_id: str) -> list[Entry]:
    """Oldest first."""
    rows = await connection.fetch(
        f"SELECT {columns(Entry)} FROM idea_history WHERE idea_id = $1 ORDER BY sequence",  # noqa: S608
        idea_id,
    )
    return loaded(Entry, rows)


def _part(row_type: type, rows: Sequence[asyncpg.Record]) -> Any:
    """The columns of one type, of rows that have others too."""
    names = [field.name for field in fields(row_type)]
    return [{name: row[name] for name in names} for row in rows]
