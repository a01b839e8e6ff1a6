"""What rides sealed in every permit, passed on as it came."""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True)
class Seals:
    contact: str
    context: str
    narrative: str | None


async def of_completions(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, Seals]:
    rows = await connection.fetch(
        "SELECT completion_ref, contact, context, narrative FROM completion WHERE completion_ref = ANY ($1::text[])",
        sorted(set(refs)),
    )
    return {row["completion_ref"]: Seals(row["contact"], row["context"], row["narrative"]) for row in rows}
