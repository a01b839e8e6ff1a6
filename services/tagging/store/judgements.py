"""What people hold responses to say."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True)
class JudgedText:
    """A judged response with what it takes to try another lexicon on it. `texts` is None after an erasure."""

    response_id: str
    customer_ref: str
    ruling: str
    lexicon_version: str
    texts: str | None


async def put(
    connection: asyncpg.Connection, response_id: str, *, customer_ref: str, revision: int, ruling: str,
    lexicon_version: str, judged_by: str, now: datetime,
) -> int:  # fmt: skip
    """The newest judgement holds; returns which one of this response it is."""
    number: int = await connection.fetchval(
        """
        INSERT INTO judgement (response_id, customer_ref, number, response_revision, ruling, lexicon_version, judged_by,
            judged_at)
        VALUES ($1, $2, 1, $3, $4, $5, $6, $7)
        ON CONFLICT (response_id) DO UPDATE SET number = judgement.number + 1,
            response_revision = excluded.response_revision, ruling = excluded.ruling,
            lexicon_version = excluded.lexicon_version, judged_by = excluded.judged_by, judged_at = excluded.judged_at
        RETURNING number
        """,
        response_id, customer_ref, revision, ruling, lexicon_version, judged_by, now,
    )  # fmt: skip
    return number


async def of_response(connection: asyncpg.Connection, response_id: str) -> str | None:
    """The sealed ruling."""
    ruling: str | None = await connection.fetchval("SELECT ruling FROM judgement WHERE response_id = $1", response_id)
    return ruling


async def newest(connection: asyncpg.Connection, limit: int) -> list[JudgedText]:
    """Newest first, voided responses left out."""
    rows = await connection.fetch(
        """
        SELECT response_id, judgement.customer_ref, ruling, judgement.lexicon_version, texts
        FROM judgement JOIN response USING (response_id)
        WHERE voided_at IS NULL ORDER BY judged_at DESC, response_id LIMIT $1
        """,
        limit,
    )
    return [JudgedText(**row) for row in rows]
