"""What came of promises and second callbacks, counted."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.rows import columns, loaded


@dataclass(frozen=True)
class Kept:
    """Settled promises of one department, or of one person: kept of `settled`."""

    name: str
    kept: int
    settled: int


@dataclass(frozen=True)
class Closings:
    """How the cases of one department ended."""

    name: str
    contacted: int
    not_reached: int
    corrected: int


@dataclass(frozen=True)
class SealedPair:
    """First answers and the last progress answers about a case, both sealed."""

    case_id: str
    customer_ref: str
    department: str
    before: str
    after: str
    at: datetime


async def kept_by_department(
    connection: asyncpg.Connection, *, department: str | None, since: datetime, until: datetime
) -> list[Kept]:
    return await _kept(connection, "department", department, since, until)


async def kept_by_person(
    connection: asyncpg.Connection, *, department: str | None, since: datetime, until: datetime
) -> list[Kept]:
    """By who made the promise."""
    return await _kept(connection, "made_by", department, since, until)


async def closings(
    connection: asyncpg.Connection, *, department: str | None, since: datetime, until: datetime
) -> list[Closings]:
    """Cases that were closed in this time and still are."""
    rows = await connection.fetch(
        """
        SELECT department AS name, count(*) FILTER (WHERE closed_as = 'contacted') AS contacted,
               count(*) FILTER (WHERE closed_as = 'not_reached') AS not_reached,
               count(*) FILTER (WHERE closed_as = 'corrected') AS corrected
        FROM case_file WHERE state = 'closed' AND closed_at >= $2 AND closed_at < $3
          AND ($1::text IS NULL OR department = $1)
        GROUP BY 1 ORDER BY 1
        """,
        department,
        since,
        until,
    )
    return loaded(Closings, rows)


async def pairs(
    connection: asyncpg.Connection, *, department: str | None, since: datetime, until: datetime, limit: int = 1000
) -> list[SealedPair]:
    """One for each case whose customer answered at the second callback in this time, the newest first."""
    rows = await connection.fetch(
        f"""
        SELECT {columns(SealedPair)} FROM (
            SELECT DISTINCT ON (case_file.case_id) case_file.case_id, case_file.customer_ref, case_file.department,
                   first.answers AS before, later.answers AS after, later.recorded_at AS at
            FROM response AS later
            JOIN case_file ON case_file.case_id = later.about ->> 'case_id'
            JOIN response AS first ON first.response_id = case_file.response_id AND first.revision > 0
            WHERE later.about IS NOT NULL AND later.purpose = 'progress' AND later.voided_at IS NULL
              AND later.recorded_at >= $2 AND later.recorded_at < $3
              AND ($1::text IS NULL OR case_file.department = $1)
            ORDER BY case_file.case_id, later.recorded_at DESC) AS pair
        ORDER BY at DESC LIMIT $4
        """,  # noqa: S608
        department,
        since,
        until,
        limit,
    )
    return loaded(SealedPair, rows)


async def _kept(
    connection: asyncpg.Connection, by: str, department: str | None, since: datetime, until: datetime
) -> list[Kept]:
    rows = await connection.fetch(
        f"""
        SELECT {by} AS name, count(*) FILTER (WHERE state = 'kept') AS kept, count(*) AS settled
        FROM promise WHERE state IN ('kept', 'broken') AND due_at >= $2 AND due_at < $3
          AND ($1::text IS NULL OR department = $1)
        GROUP BY 1 ORDER BY 1
        """,  # noqa: S608  one of two names of our own
        department,
        since,
        until,
    )
    return loaded(Kept, rows)
