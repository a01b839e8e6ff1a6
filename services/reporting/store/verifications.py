"""Responses that somebody shall be asked about once more."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg


async def ask(
    connection: asyncpg.Connection, response_ids: Sequence[str], request_ids: Sequence[str], now: datetime
) -> set[str]:
    """Those asked for now; the others were before."""
    rows = await connection.fetch(
        """
        INSERT INTO verification_request (response_id, request_id, requested_at)
        SELECT response_id, request_id, $3 FROM unnest($1::text[], $2::text[]) AS told (response_id, request_id)
        ON CONFLICT (response_id) DO NOTHING RETURNING response_id
        """,
        list(response_ids),
        list(request_ids),
        now,
    )
    return {row["response_id"] for row in rows}
