"""Who a number or address belongs to, who may not be contacted, and whose budget is used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True)
class Wish:
    wish_id: int
    subject: str
    scope: str
    state: str
    changed_at: datetime


@dataclass(frozen=True)
class Suppression:
    subject: str
    scope: str
    state: str
    changed_at: datetime
    sequence: int


async def link(connection: asyncpg.Connection, links: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """(subject, customer_ref) pairs that are new."""
    ordered = sorted(set(links))
    rows = await connection.fetch(
        """
        INSERT INTO contact_link (subject, customer_ref) SELECT * FROM unnest($1::text[], $2::text[])
        ON CONFLICT DO NOTHING RETURNING subject, customer_ref
        """,
        [subject for subject, _ in ordered],
        [ref for _, ref in ordered],
    )
    return {(row["subject"], row["customer_ref"]) for row in rows}


async def subjects_of(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, list[str]]:
    rows = await connection.fetch(
        "SELECT customer_ref, subject FROM contact_link WHERE customer_ref = ANY ($1::text[]) ORDER BY subject",
        sorted(set(refs)),
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["customer_ref"], []).append(row["subject"])
    return found


async def customers_of(connection: asyncpg.Connection, subjects: Iterable[str]) -> dict[str, list[str]]:
    rows = await connection.fetch(
        "SELECT subject, customer_ref FROM contact_link WHERE subject = ANY ($1::text[]) ORDER BY customer_ref",
        sorted(set(subjects)),
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["subject"], []).append(row["customer_ref"])
    return found


async def hear(connection: asyncpg.Connection, wishes: Sequence[tuple[str, str, str, datetime]], now: datetime) -> None:
    """(subject, scope, state, changed_at): binding from now on, told to every customer of the subject by the timer."""
    await connection.execute(
        """
        INSERT INTO suppression_wish (subject, scope, state, changed_at, heard_at)
        SELECT subject, scope, state, changed_at, $5
        FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS new (subject, scope, state, changed_at)
        """,
        *[[w[i] for w in wishes] for i in range(4)],
        now,
    )


async def next_wish(connection: asyncpg.Connection) -> datetime | None:
    """The instant at which the oldest wish not yet applied was heard."""
    heard: datetime | None = await connection.fetchval(
        "SELECT min(heard_at) FROM suppression_wish WHERE applied_at IS NULL"
    )
    return heard


async def open_wishes(connection: asyncpg.Connection, limit: int) -> list[Wish]:
    rows = await connection.fetch(
        """
        SELECT wish_id, subject, scope, state, changed_at FROM suppression_wish
        WHERE applied_at IS NULL ORDER BY wish_id LIMIT $1
        """,
        limit,
    )
    return [Wish(**dict(row)) for row in rows]


async def settle(connection: asyncpg.Connection, ids: Sequence[int], now: datetime) -> set[int]:
    """The wishes that this transaction may apply; the others were applied meanwhile."""
    rows = await connection.fetch(
        """
        UPDATE suppression_wish SET applied_at = $2 WHERE wish_id = ANY ($1::bigint[]) AND applied_at IS NULL
        RETURNING wish_id
        """,
        ids,
        now,
    )
    return {row["wish_id"] for row in rows}


async def suppressions(connection: asyncpg.Connection, subjects: Iterable[str]) -> dict[tuple[str, str], Suppression]:
    rows = await connection.fetch(
        "SELECT subject, scope, state, changed_at, sequence FROM suppression WHERE subject = ANY ($1::text[])",
        sorted(set(subjects)),
    )
    return {(row["subject"], row["scope"]): Suppression(**dict(row)) for row in rows}


async def keep(connection: asyncpg.Connection, changed: Sequence[Suppression]) -> None:
    await connection.execute(
        """
        INSERT INTO suppression (subject, scope, state, changed_at, sequence)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[])
        ON CONFLICT (subject, scope) DO UPDATE
        SET state = excluded.state, changed_at = excluded.changed_at, sequence = excluded.sequence
        """,
        [s.subject for s in changed], [s.scope for s in changed], [s.state for s in changed],
        [s.changed_at for s in changed], [s.sequence for s in changed],
    )  # fmt: skip


async def blocked_scopes(connection: asyncpg.Connection, subjects: Iterable[str]) -> dict[str, set[str]]:
    """Scopes in which each subject may not be contacted; a wish that was heard binds before it is told."""
    rows = await connection.fetch(
        """
        SELECT subject, scope FROM suppression WHERE subject = ANY ($1::text[]) AND state = 'suppressed'
        UNION
        SELECT subject, scope FROM suppression_wish
        WHERE subject = ANY ($1::text[]) AND applied_at IS NULL AND state = 'suppressed'
        """,
        sorted(set(subjects)),
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["subject"], set()).add(row["scope"])
    return found


async def counted(connection: asyncpg.Connection, persons: Iterable[str], since: datetime) -> dict[str, list[datetime]]:
    """When callbacks of each person were counted after `since`."""
    rows = await connection.fetch(
        "SELECT subject, counted_at FROM budget WHERE subject = ANY ($1::text[]) AND counted_at > $2",
        sorted(set(persons)),
        since,
    )
    found: dict[str, list[datetime]] = {}
    for row in rows:
        found.setdefault(row["subject"], []).append(row["counted_at"])
    return found
