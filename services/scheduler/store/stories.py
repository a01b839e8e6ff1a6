"""What others told about a completion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.scheduler.store.arrays import columns


@dataclass(frozen=True)
class StoryRow:
    """`detail` holds codes, ids and times only: no text of a customer."""

    completion_ref: str
    kind: str
    subject: str
    revision: int
    at: datetime
    detail: Mapping[str, Any]


async def tell(connection: asyncpg.Connection, rows: Sequence[StoryRow]) -> None:
    """A row that was told before is left as it is."""
    await connection.execute(
        """
        INSERT INTO story (completion_ref, kind, subject, revision, at, detail)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::jsonb[])
        ON CONFLICT DO NOTHING
        """,
        *columns(rows, "completion_ref", "kind", "subject", "revision", "at", "detail"),
    )


async def of_completion(connection: asyncpg.Connection, completion_ref: str) -> list[StoryRow]:
    rows = await connection.fetch(
        """
        SELECT completion_ref, kind, subject, revision, at, detail FROM story
        WHERE completion_ref = $1 ORDER BY at, kind, subject, revision
        """,
        completion_ref,
    )
    return [StoryRow(**dict(row)) for row in rows]
