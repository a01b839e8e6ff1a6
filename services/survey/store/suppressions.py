"""Who must not be contacted, by blind index; and who was erased."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from contracts.events.scheduler import ContactSuppressed
from contracts.vocabulary import SuppressionScope, SuppressionState


async def upsert(connection: asyncpg.Connection, events: Sequence[ContactSuppressed]) -> None:
    """The highest sequence of an index and scope holds; a lifting older than a wish spoken here changes nothing."""
    latest: dict[tuple[str, str], ContactSuppressed] = {}
    for event in sorted(events, key=lambda event: event.sequence):
        for index in (event.phone_index, event.email_index):
            if index is not None:
                latest[index, event.scope] = event
    await connection.execute(
        """INSERT INTO suppression (contact_index, scope, state, sequence)
           SELECT told.contact_index, told.scope, told.state, told.sequence
           FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
             AS told (contact_index, scope, state, sequence, since)
           LEFT JOIN suppression AS known USING (contact_index, scope)
           WHERE told.state = 'suppressed' OR known.asked_at IS NULL OR told.since >= known.asked_at
           ON CONFLICT (contact_index, scope) DO UPDATE SET state = excluded.state, sequence = excluded.sequence
           WHERE excluded.sequence > suppression.sequence""",
        [index for index, _ in latest],
        [scope for _, scope in latest],
        [event.state for event in latest.values()],
        [event.sequence for event in latest.values()],
        [event.since for event in latest.values()],
    )


async def ask(connection: asyncpg.Connection, indexes: Sequence[str], scope: SuppressionScope, now: datetime) -> None:
    """A wish spoken to us holds from this moment, before scheduler has told of it."""
    await connection.execute(
        """INSERT INTO suppression (contact_index, scope, state, asked_at)
           SELECT contact_index, $2, 'suppressed', $3 FROM unnest($1::text[]) AS contact_index
           ON CONFLICT (contact_index, scope) DO UPDATE SET state = 'suppressed', asked_at = excluded.asked_at""",
        indexes,
        scope,
        now,
    )


async def suppressed(connection: asyncpg.Connection, indexes: Sequence[str]) -> dict[str, set[SuppressionScope]]:
    """The scopes that hold now for each index that has any."""
    rows = await connection.fetch(
        "SELECT contact_index, scope FROM suppression WHERE contact_index = ANY ($1) AND state = $2",
        indexes,
        SuppressionState.SUPPRESSED,
    )
    found: dict[str, set[SuppressionScope]] = {}
    for row in rows:
        found.setdefault(row["contact_index"], set()).add(SuppressionScope(row["scope"]))
    return found


async def customers_at(connection: asyncpg.Connection, indexes: Sequence[str]) -> set[str]:
    """Customers with an open permit or a link to one of these numbers and addresses."""
    rows = await connection.fetch(
        """SELECT customer_ref FROM permit
           WHERE (phone_index = ANY ($1) OR email_index = ANY ($1)) AND state <> 'closed'
           UNION
           SELECT customer_ref FROM link
           WHERE (phone_index = ANY ($1) OR email_index = ANY ($1)) AND state IN ('live', 'locked')""",
        indexes,
    )
    return {row["customer_ref"] for row in rows}


async def insert_erased(connection: asyncpg.Connection, customers: Sequence[str], at: Sequence[datetime]) -> None:
    """Keeps the fact, and removes what was sealed under keys that are gone: words, contact, narrative, promises."""
    await connection.execute(
        """INSERT INTO erased_customer (customer_ref, erased_at)
           SELECT * FROM unnest($1::text[], $2::timestamptz[]) ON CONFLICT DO NOTHING""",
        customers,
        at,
    )
    for table, column in (
        ("permit", "contact"), ("callback", "narrative"), ("completion", "narrative"),
        ("promise", "what"),
    ):  # fmt: skip
        await connection.execute(
            f"UPDATE {table} SET {column} = NULL WHERE customer_ref = ANY ($1) AND {column} IS NOT NULL",  # noqa: S608
            customers,
        )
    await connection.execute(
        "UPDATE interview SET said = '{}' WHERE customer_ref = ANY ($1) AND said <> '{}'", customers
    )


async def erased(connection: asyncpg.Connection, customers: Sequence[str]) -> set[str]:
    rows = await connection.fetch("SELECT customer_ref FROM erased_customer WHERE customer_ref = ANY ($1)", customers)
    return {row["customer_ref"] for row in rows}
