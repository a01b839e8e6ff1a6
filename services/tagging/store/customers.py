"""Tags of customers, what they are worked out from, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True)
class CustomerRow:
    """`revision` 0: never told of. `tags` are sealed."""

    customer_ref: str
    revision: int
    tags: str | None


@dataclass(frozen=True)
class Events:
    """Of one customer since a given instant. `sheets`: (recorded_at, sealed tags) of responses with words."""

    context: str | None
    complaints: tuple[datetime, ...]
    low_scores: tuple[datetime, ...]
    suggestions: tuple[datetime, ...]
    sheets: tuple[tuple[datetime, str], ...]


async def mark(connection: asyncpg.Connection, customer_refs: Iterable[str], now: datetime) -> None:
    """Something about these customers changed: their tags are due."""
    await connection.execute(
        """
        INSERT INTO customer (customer_ref, due_at) SELECT ref, $2 FROM unnest($1::text[]) AS ref
        ON CONFLICT (customer_ref) DO UPDATE SET due_at = excluded.due_at
            WHERE customer.due_at IS NULL OR customer.due_at > excluded.due_at
        """,
        sorted(set(customer_refs)),
        now,
    )


async def due(connection: asyncpg.Connection, now: datetime, limit: int) -> list[CustomerRow]:
    rows = await connection.fetch(
        """
        SELECT customer_ref, revision, tags FROM customer WHERE due_at <= $1 ORDER BY due_at, customer_ref LIMIT $2
        """,
        now,
        limit,
    )
    return [CustomerRow(**row) for row in rows]


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval("SELECT min(due_at) FROM customer WHERE due_at IS NOT NULL")
    return instant


async def events_of(connection: asyncpg.Connection, refs: Sequence[str], since: datetime) -> dict[str, Events]:
    """One index scan a customer and kind. Items taken back and voided responses count for nothing."""
    rows = await connection.fetch(
        """
        SELECT ref,
            (SELECT context FROM completion AS c WHERE c.customer_ref = ref AND context IS NOT NULL
                ORDER BY completed_at DESC LIMIT 1) AS context,
            ARRAY(SELECT completed_at FROM completion AS c
                WHERE c.customer_ref = ref AND completed_at > $2 AND scenario = 'complaint') AS complaints,
            ARRAY(SELECT max(recorded_at) FROM item JOIN response USING (response_id)
                WHERE item.customer_ref = ref AND kind = 'problem' AND severity <> 'remark' AND state <> 'withdrawn'
                    AND purpose = 'survey' AND recorded_at > $2 AND voided_at IS NULL
                GROUP BY response_id) AS low_scores,
            ARRAY(SELECT max(recorded_at) FROM item JOIN response USING (response_id)
                WHERE item.customer_ref = ref AND kind = 'suggestion' AND state <> 'withdrawn'
                    AND recorded_at > $2 AND voided_at IS NULL
                GROUP BY response_id) AS suggestions,
            ARRAY(SELECT recorded_at FROM response AS r WHERE r.customer_ref = ref AND recorded_at > $2
                AND voided_at IS NULL AND texts IS NOT NULL ORDER BY response_id) AS said_at,
            ARRAY(SELECT tags FROM response AS r WHERE r.customer_ref = ref AND recorded_at > $2
                AND voided_at IS NULL AND texts IS NOT NULL ORDER BY response_id) AS sheets
        FROM unnest($1::text[]) AS ref
        """,
        list(refs),
        since,
    )
    return {
        row["ref"]: Events(
            context=row["context"],
            complaints=tuple(row["complaints"]),
            low_scores=tuple(row["low_scores"]),
            suggestions=tuple(row["suggestions"]),
            sheets=tuple(zip(row["said_at"], row["sheets"], strict=True)),
        )
        for row in rows
    }


async def put(
    connection: asyncpg.Connection, rows: Sequence[CustomerRow], dues: Sequence[datetime | None], now: datetime
) -> None:
    """The tags of these customers, and when each is to be looked at again."""
    await connection.execute(
        """
        UPDATE customer SET due_at = new.due_at, revision = new.revision, tags = new.tags,
            tagged_at = CASE WHEN new.revision > customer.revision THEN $5 ELSE tagged_at END
        FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[]) AS new (customer_ref, revision, tags, due_at)
        WHERE customer.customer_ref = new.customer_ref
        """,
        [row.customer_ref for row in rows],
        [row.revision for row in rows],
        [row.tags for row in rows],
        list(dues),
        now,
    )


async def of_customer(connection: asyncpg.Connection, customer_ref: str) -> str | None:
    """The sealed tags."""
    tags: str | None = await connection.fetchval("SELECT tags FROM customer WHERE customer_ref = $1", customer_ref)
    return tags
