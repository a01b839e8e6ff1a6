"""Registrations and acts of customers."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg


async def keep(connection: asyncpg.Connection, rows: Sequence[tuple[str, str, datetime, str]]) -> None:
    """(customer_ref, kind, at, act); told again, nothing changes."""
    await connection.execute(
        """
        INSERT INTO customer_document (customer_ref, kind, at, act)
        SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
        ON CONFLICT DO NOTHING
        """,
        *[[row[i] for row in rows] for i in range(4)],
    )
