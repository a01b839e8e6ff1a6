"""Records of callbacks: which were worked on in a period, and everything they consist of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.survey.permits import Permit
from services.survey.store.rows import PERMIT_COLUMNS, PERMIT_TABLES, permit_from


@dataclass(frozen=True)
class Contact:
    """One contact that was made, or tried."""

    callback_id: str
    permit_no: int
    channel: str
    disposition: str
    detail: str | None
    agent: str | None
    started_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime
    closed_at: datetime


@dataclass(frozen=True)
class Period:
    """From `begins` until right before `ends`; `agent`: only what this login worked on."""

    begins: datetime
    ends: datetime
    agent: str | None = None


_OF_PERIOD = """FROM contact_attempt WHERE closed_at >= $1 AND closed_at < $2 AND disposition <> 'not_attempted'
    AND ($3::text IS NULL OR agent = $3)"""


async def count(connection: asyncpg.Connection, period: Period) -> int:
    """Callbacks with a contact in the period."""
    found: int = await connection.fetchval(
        f"SELECT count(DISTINCT callback_id) {_OF_PERIOD}",
        period.begins,
        period.ends,
        period.agent,
    )
    return found


async def callback_ids(connection: asyncpg.Connection, period: Period, *, limit: int, offset: int = 0) -> list[str]:
    """The callbacks of the period, the latest contact first."""
    rows = await connection.fetch(
        f"""SELECT callback_id, max(closed_at) AS last {_OF_PERIOD}
            GROUP BY callback_id ORDER BY last DESC, callback_id LIMIT $4 OFFSET $5""",
        period.begins,
        period.ends,
        period.agent,
        limit,
        offset,
    )
    return [row["callback_id"] for row in rows]


async def newest_permits(connection: asyncpg.Connection, ids: Sequence[str]) -> dict[str, Permit]:
    """The last permit of each callback, by callback."""
    rows = await connection.fetch(
        f"""SELECT DISTINCT ON (callback_id) {PERMIT_COLUMNS} FROM {PERMIT_TABLES}
            WHERE callback_id = ANY ($1) ORDER BY callback_id, permit.permit_no DESC""",  # noqa: S608  own columns
        ids,
    )
    return {row["callback_id"]: permit_from(row) for row in rows}


async def contacts(connection: asyncpg.Connection, ids: Sequence[str]) -> list[Contact]:
    """What was tried with these callbacks, oldest first."""
    rows = await connection.fetch(
        """SELECT callback_id, permit_no, permit.channel, disposition, detail, agent, started_at, connected_at,
              ended_at, closed_at
           FROM contact_attempt JOIN permit USING (callback_id, permit_no)
           WHERE callback_id = ANY ($1) AND disposition <> 'not_attempted' ORDER BY ended_at, permit_no""",
        ids,
    )
    return [Contact(**dict(row)) for row in rows]


async def voided(connection: asyncpg.Connection, ids: Sequence[str]) -> dict[str, bool]:
    """Callbacks of which a response was taken out of the figures; true where another record of the service stays."""
    rows = await connection.fetch(
        """SELECT callback_id, bool_or(void_reason LIKE 'duplicate of %') AS duplicate FROM response
           WHERE callback_id = ANY ($1) AND voided_at IS NOT NULL GROUP BY callback_id""",
        ids,
    )
    return {row["callback_id"]: row["duplicate"] for row in rows}
