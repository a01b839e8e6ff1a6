"""Timers of absences, and the sealed profiles of the customers they wait for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from services.scheduler.absences import Absence, AbsenceKind
from services.scheduler.store.arrays import columns


async def keep_profiles(connection: asyncpg.Connection, profiles: Sequence[tuple[str, str, str, datetime]]) -> None:
    """(customer_ref, source, sealed profile, told at); one for each customer, an older telling changes nothing."""
    await connection.execute(
        """
        INSERT INTO customer_profile AS known (customer_ref, source, profile, told_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
        ON CONFLICT (customer_ref) DO UPDATE SET profile = excluded.profile, told_at = excluded.told_at
        WHERE known.told_at <= excluded.told_at
        """,
        *[[profile[i] for profile in profiles] for i in range(4)],
    )


async def profiles(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """(source, sealed profile) by customer."""
    rows = await connection.fetch(
        "SELECT customer_ref, source, profile FROM customer_profile WHERE customer_ref = ANY ($1::text[])",
        sorted(set(refs)),
    )
    return {row["customer_ref"]: (row["source"], row["profile"]) for row in rows}


async def wait(connection: asyncpg.Connection, absences: Sequence[Absence]) -> None:
    """Begins to wait; what is waited for already, or was, is left as it is."""
    await connection.execute(
        """
        INSERT INTO absence (customer_ref, kind, scenario, since, due_at, state)
        SELECT customer_ref, kind, scenario, since, due_at, 'waiting'
        FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
            AS new (customer_ref, kind, scenario, since, due_at)
        ON CONFLICT (customer_ref, kind, since) DO NOTHING
        """,
        *columns(absences, "customer_ref", "kind", "scenario", "since", "due_at"),
    )


async def wait_once(connection: asyncpg.Connection, absences: Sequence[Absence]) -> None:
    """As `wait`, where the customer does not wait for this kind already."""
    await connection.execute(
        """
        INSERT INTO absence (customer_ref, kind, scenario, since, due_at, state)
        SELECT customer_ref, kind, scenario, since, due_at, 'waiting'
        FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
            AS new (customer_ref, kind, scenario, since, due_at)
        WHERE NOT EXISTS (SELECT FROM absence AS a
            WHERE a.customer_ref = new.customer_ref AND a.kind = new.kind AND a.state = 'waiting')
        ON CONFLICT (customer_ref, kind, since) DO NOTHING
        """,
        *columns(absences, "customer_ref", "kind", "scenario", "since", "due_at"),
    )


async def end_by_acts(connection: asyncpg.Connection, acts: Sequence[tuple[str, datetime]]) -> list[str]:
    """(customer_ref, acted at) ends every wait for an act that began before it.

    Returns the service_ids of waits for a first act that had come to their end already, though the act was in time
    or late: what they started is no longer wanted.
    """
    refs, instants = [ref for ref, _ in acts], [at for _, at in acts]
    await connection.execute(
        """
        UPDATE absence SET state = 'ended'
        FROM unnest($1::text[], $2::timestamptz[]) AS acted (customer_ref, at)
        WHERE absence.customer_ref = acted.customer_ref AND absence.kind IN ('no_act', 'inactive')
          AND absence.state = 'waiting' AND absence.since < acted.at
        """,
        refs,
        instants,
    )
    rows = await connection.fetch(
        """
        UPDATE absence SET state = 'ended'
        FROM unnest($1::text[], $2::timestamptz[]) AS acted (customer_ref, at)
        WHERE absence.customer_ref = acted.customer_ref AND absence.kind = 'no_act'
          AND absence.state = 'fired' AND absence.since < acted.at
        RETURNING absence.service_id
        """,
        refs,
        instants,
    )
    return [row["service_id"] for row in rows if row["service_id"]]


async def newest_acts(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, datetime]:
    """The last act that was told of each customer."""
    rows = await connection.fetch(
        """
        SELECT customer_ref, max(at) AS at FROM customer_document
        WHERE customer_ref = ANY ($1::text[]) AND kind = 'acted' GROUP BY customer_ref
        """,
        sorted(set(refs)),
    )
    return {row["customer_ref"]: row["at"] for row in rows}


async def due(connection: asyncpg.Connection, now: datetime, limit: int) -> list[Absence]:
    """Waits that have come to their end, unlocked."""
    rows = await connection.fetch(
        """
        SELECT customer_ref, kind, scenario, since, due_at FROM absence
        WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $2
        """,
        now,
        limit,
    )
    return [_absence(row) for row in rows]


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    at: datetime | None = await connection.fetchval("SELECT min(due_at) FROM absence WHERE state = 'waiting'")
    return at


async def fire(connection: asyncpg.Connection, fired: Sequence[tuple[Absence, str | None]]) -> set[tuple[str, str]]:
    """(absence, service_id; None: its customer's data were destroyed); returns (customer_ref, kind) fired just now."""
    absences = [absence for absence, _ in fired]
    rows = await connection.fetch(
        """
        UPDATE absence SET state = CASE WHEN new.service_id IS NULL THEN 'ended' ELSE 'fired' END,
            service_id = new.service_id
        FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
            AS new (customer_ref, kind, since, service_id)
        WHERE absence.customer_ref = new.customer_ref AND absence.kind = new.kind AND absence.since = new.since
          AND absence.state = 'waiting'
        RETURNING absence.customer_ref, absence.kind
        """,
        *columns(absences, "customer_ref", "kind", "since"),
        [service_id for _, service_id in fired],
    )
    return {(row["customer_ref"], row["kind"]) for row in rows}


def _absence(row: Mapping[str, Any]) -> Absence:
    return Absence(row["customer_ref"], AbsenceKind(row["kind"]), row["scenario"], row["since"], row["due_at"])
