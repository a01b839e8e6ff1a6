"""Cases and their histories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from chassis.rows import as_json, columns, insert, loaded, replacing
from services.followup.case import Case, Step
from services.followup.chain import START, Link, hash_of

_CASE = columns(Case)
_LINK = columns(Link)
_PUT = insert(Case, "case_file") + replacing(Case, "case_id") + " WHERE excluded.revision > case_file.revision"
_APPEND = insert(Link, "case_history")


async def new_case_ids(connection: asyncpg.Connection, count: int) -> list[str]:
    if not count:
        return []
    rows = await connection.fetch(
        "SELECT 'AC-' || nextval('case_number') AS case_id FROM generate_series(1, $1)", count
    )
    return [row["case_id"] for row in rows]


async def case(connection: asyncpg.Connection, case_id: str) -> Case | None:
    return (await by_ids(connection, [case_id])).get(case_id)


async def by_ids(connection: asyncpg.Connection, case_ids: Iterable[str]) -> dict[str, Case]:
    found = await _of_any(connection, "case_id", case_ids)
    return {one.case_id: one for one in found}


async def by_items(connection: asyncpg.Connection, item_ids: Iterable[str]) -> dict[str, Case]:
    found = await _of_any(connection, "item_id", item_ids)
    return {one.item_id: one for one in found}


async def by_responses(connection: asyncpg.Connection, response_ids: Iterable[str]) -> list[Case]:
    return await _of_any(connection, "response_id", response_ids)


async def of_customers(connection: asyncpg.Connection, refs: Iterable[str]) -> list[Case]:
    return await _of_any(connection, "customer_ref", refs)


async def led_by(connection: asyncpg.Connection, case_ids: Iterable[str]) -> list[Case]:
    """Those that were merged into one of these."""
    return await _of_any(connection, "leader", case_ids)


async def due_to_climb(connection: asyncpg.Connection, now: datetime, limit: int) -> list[Case]:
    """Cases of which somebody is to hear, the longest due first."""
    rows = await connection.fetch(
        f"SELECT {_CASE} FROM case_file WHERE next_at <= $1 ORDER BY next_at, case_id LIMIT $2",  # noqa: S608
        now,
        limit,
    )
    return loaded(Case, rows)


async def next_climb(connection: asyncpg.Connection) -> datetime | None:
    at: datetime | None = await connection.fetchval("SELECT min(next_at) FROM case_file WHERE next_at IS NOT NULL")
    return at


async def put_next(connection: asyncpg.Connection, found: Sequence[Case]) -> None:
    """When the ladder looks at these again; nothing else about them changes."""
    await connection.execute(
        """
        UPDATE case_file SET next_at = given.next_at
        FROM unnest($1::text[], $2::timestamptz[]) AS given (case_id, next_at)
        WHERE case_file.case_id = given.case_id
        """,
        [case.case_id for case in found],
        [case.next_at for case in found],
    )


async def save(
    connection: asyncpg.Connection, steps: Sequence[Step], looks: Mapping[str, datetime | None]
) -> list[Case]:
    """Stores the newest state of each case and appends every entry; the caller holds the customers' locks.

    `looks`: when the ladder looks at each case again, by its id.
    Returns the cases as they now are, one for each case that was stepped.
    """
    links = await _linked(connection, steps)
    heads = {link.case_id: link.hash for link in links}
    newest = {step.case.case_id: step.case for step in steps}
    changed = [replace(case, chain_head=heads[case.case_id], next_at=looks[case.case_id]) for case in newest.values()]
    await connection.execute(_PUT, as_json(changed))
    await connection.execute(_APPEND, as_json(links))
    return changed


async def history(connection: asyncpg.Connection, case_id: str) -> list[Link]:
    """In order."""
    rows = await connection.fetch(
        f"SELECT {_LINK} FROM case_history WHERE case_id = $1 ORDER BY sequence",  # noqa: S608
        case_id,
    )
    return loaded(Link, rows)


async def histories(connection: asyncpg.Connection, case_ids: Iterable[str]) -> list[Link]:
    """Of these cases, each in order."""
    rows = await connection.fetch(
        f"SELECT {_LINK} FROM case_history WHERE case_id = ANY ($1::text[]) ORDER BY case_id, sequence",  # noqa: S608
        list(case_ids),
    )
    return loaded(Link, rows)


async def left_departments(connection: asyncpg.Connection, case_ids: Iterable[str]) -> dict[str, set[str]]:
    """Departments that each of these cases was in before; one that never moved is left out."""
    rows = await connection.fetch(
        """
        SELECT case_id, detail ->> 'from' AS department FROM case_history
        WHERE case_id = ANY ($1::text[]) AND action = 'move'
        """,
        list(case_ids),
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["case_id"], set()).add(row["department"])
    return found


async def _linked(connection: asyncpg.Connection, steps: Sequence[Step]) -> list[Link]:
    """Rows that follow from the ends of the stored histories."""
    ends = await connection.fetch(
        """
        SELECT DISTINCT ON (case_id) case_id, sequence, hash FROM case_history
        WHERE case_id = ANY ($1::text[]) ORDER BY case_id, sequence DESC
        """,
        [step.case.case_id for step in steps],
    )
    end = {row["case_id"]: (row["sequence"], row["hash"]) for row in ends}
    links = []
    for step in steps:
        sequence, previous = end.get(step.case.case_id, (0, START))
        link = _link(step, sequence + 1, previous)
        end[step.case.case_id] = (link.sequence, link.hash)
        links.append(link)
    return links


def _link(step: Step, sequence: int, previous: str) -> Link:
    entry = step.entry
    unsigned = Link(
        case_id=entry.case_id,
        sequence=sequence,
        at=entry.at,
        actor=entry.actor.login,
        actor_name=entry.actor.name,
        action=entry.action.value,
        from_state=entry.from_state.value if entry.from_state else None,
        to_state=entry.to_state.value,
        detail=entry.detail,
        note=entry.note,
        previous_hash=previous,
        hash="",
    )
    return replace(unsigned, hash=hash_of(unsigned))


async def _of_any(connection: asyncpg.Connection, column: str, values: Iterable[str]) -> list[Case]:
    """Those with one of these values; about nothing nothing is asked."""
    if not (wanted := list(values)):
        return []
    rows = await connection.fetch(
        f"SELECT {_CASE} FROM case_file WHERE {column} = ANY ($1::text[]) ORDER BY case_id",  # noqa: S608  our own columns
        wanted,
    )
    return loaded(Case, rows)
