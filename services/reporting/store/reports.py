"""Published reports: numbered revisions of figures, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from services.reporting.model import Header, PeriodKind
from services.reporting.sections import TrendPoint

_POINTS: TypeAdapter[dict[str, TrendPoint]] = TypeAdapter(dict[str, TrendPoint])


@dataclass(frozen=True)
class Stored:
    """One revision as it is kept. `duration`: mean seconds of a completed call, where there are enough calls."""

    header: Header
    estimates_digest: str
    content_sealed: str
    points: Mapping[str, TrendPoint]
    duration: float | None


@dataclass(frozen=True)
class Revision:
    """One line of the list of published reports."""

    period: str
    revision: int
    kind: PeriodKind
    published_at: datetime
    digest: str


async def add(connection: asyncpg.Connection, told: Stored) -> bool:
    """False when this revision is there already: somebody else was faster."""
    header = told.header
    return bool(
        await connection.fetchval(
            """
            INSERT INTO report (period, revision, kind, published_at, digest, estimates_digest, header, content_sealed,
                points, duration)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING true
            """,
            header.key,
            header.revision,
            header.kind.value,
            header.computed_at,
            header.digest,
            told.estimates_digest,
            header.model_dump_json(),
            told.content_sealed,
            _POINTS.dump_json(dict(told.points)).decode(),
            told.duration,
        )
    )


async def newest(connection: asyncpg.Connection, period: str) -> tuple[int, str] | None:
    """Number and estimates digest of the newest revision."""
    row = await connection.fetchrow(
        "SELECT revision, estimates_digest FROM report WHERE period = $1 ORDER BY revision DESC LIMIT 1", period
    )
    return (row["revision"], row["estimates_digest"]) if row else None


async def published(connection: asyncpg.Connection, period: str, revision: int | None) -> tuple[Header, str] | None:
    """Header and sealed content of the revision, else of the newest; just as it was published."""
    row = await connection.fetchrow(
        """
        SELECT header, content_sealed FROM report
        WHERE period = $1 AND ($2::integer IS NULL OR revision = $2) ORDER BY revision DESC LIMIT 1
        """,
        period,
        revision,
    )
    return (Header.model_validate_json(row["header"]), row["content_sealed"]) if row else None


async def revisions(connection: asyncpg.Connection, period: str | None, *, limit: int) -> list[Revision]:
    """The newest first; of one period, or of all."""
    rows = await connection.fetch(
        """
        SELECT period, revision, kind, published_at, digest FROM report
        WHERE $1::text IS NULL OR period = $1 ORDER BY published_at DESC, period DESC, revision DESC LIMIT $2
        """,
        period,
        limit,
    )
    return [Revision(**{**row, "kind": PeriodKind(row["kind"])}) for row in rows]


async def earlier_points(
    connection: asyncpg.Connection, kind: PeriodKind, period: str, limit: int
) -> list[dict[str, TrendPoint]]:
    """Trend points of the newest revisions of the `limit` periods before, the oldest first."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (period) period, points FROM report
        WHERE kind = $1 AND period IN (
            SELECT DISTINCT period FROM report WHERE kind = $1 AND period < $2 ORDER BY period DESC LIMIT $3)
        ORDER BY period, revision DESC
        """,
        kind.value,
        period,
        limit,
    )
    return [_POINTS.validate_json(row["points"]) for row in rows]


async def first_duration(connection: asyncpg.Connection, before: str) -> float | None:
    """Mean seconds of a completed call in the first revision of the first month that told one: the frozen baseline."""
    found: float | None = await connection.fetchval(
        """
        SELECT duration FROM report
        WHERE kind = 'month' AND revision = 1 AND period < $1 AND duration IS NOT NULL ORDER BY period LIMIT 1
        """,
        before,
    )
    return found


async def stamp(connection: asyncpg.Connection) -> tuple[int, int]:
    """Moves when a measure or a published report is added or changed."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT coalesce(sum(revision), 0) FROM improvement)::bigint AS measures,
            (SELECT count(*) FROM report)::bigint AS reports
        """
    )
    return row["measures"], row["reports"]


async def months(connection: asyncpg.Connection) -> dict[str, int]:
    """Every month with data and how often it has changed, the oldest first."""
    rows = await connection.fetch("SELECT period, changes FROM month_change ORDER BY period")
    return {row["period"]: row["changes"] for row in rows}


async def seen(connection: asyncpg.Connection, since: datetime) -> dict[str, int | None]:
    """The change up to which each period was looked at; None: it was looked at `since`, and that is enough."""
    rows = await connection.fetch("SELECT period, changes, looked_at >= $1 AS lately FROM report_seen", since)
    return {row["period"]: None if row["lately"] else row["changes"] for row in rows}


async def see(connection: asyncpg.Connection, period: str, changes: int, now: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO report_seen (period, changes, looked_at) VALUES ($1, $2, $3)
        ON CONFLICT (period) DO UPDATE SET changes = excluded.changes, looked_at = excluded.looked_at
        """,
        period,
        changes,
        now,
    )


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    found: datetime | None = await connection.fetchval("SELECT due_at FROM report_due")
    return found


async def put_due(connection: asyncpg.Connection, due_at: datetime) -> None:
    await connection.execute(
        """
        INSERT INTO report_due (one, due_at) VALUES (true, $1)
        ON CONFLICT (one) DO UPDATE SET due_at = excluded.due_at
        """,
        due_at,
    )
