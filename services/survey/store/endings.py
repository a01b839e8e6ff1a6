"""What scheduler took back or closed, also when it says so before the permit arrives."""

from collections.abc import Sequence

import asyncpg

from contracts.events.scheduler import CallbackCancelled, CallbackClosed
from services.survey.store.permits import Key, key_columns


async def insert_withdrawals(connection: asyncpg.Connection, events: Sequence[CallbackCancelled]) -> None:
    await connection.execute(
        """INSERT INTO withdrawal (callback_id, permit_no, reason)
           SELECT * FROM unnest($1::text[], $2::integer[], $3::text[]) ON CONFLICT DO NOTHING""",
        [event.callback_id for event in events],
        [event.permit_no for event in events],
        [event.reason for event in events],
    )


async def insert_ends(connection: asyncpg.Connection, events: Sequence[CallbackClosed]) -> None:
    await connection.execute(
        """INSERT INTO callback_end (callback_id, explanation, closed_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[]) ON CONFLICT DO NOTHING""",
        [event.callback_id for event in events],
        [event.explanation for event in events],
        [event.closed_at for event in events],
    )


async def withdrawn(connection: asyncpg.Connection, keys: Sequence[Key]) -> dict[Key, str]:
    """Reasons of those permits that were withdrawn."""
    rows = await connection.fetch(
        """SELECT callback_id, permit_no, reason FROM withdrawal
           JOIN unnest($1::text[], $2::integer[]) AS wanted (callback_id, permit_no) USING (callback_id, permit_no)""",
        *key_columns(keys),
    )
    return {(row["callback_id"], row["permit_no"]): row["reason"] for row in rows}


async def ended(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> set[str]:
    """Callbacks that scheduler has closed."""
    rows = await connection.fetch("SELECT callback_id FROM callback_end WHERE callback_id = ANY ($1)", callback_ids)
    return {row["callback_id"] for row in rows}
