"""What the lists and tiles ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from chassis.rows import columns, loaded
from contracts.vocabulary import CaseState
from services.followup.case import Case
from services.followup.chain import Link

_CASE = columns(Case)
_LINK = columns(Link)
_UNSETTLED = [state.value for state in CaseState if state is not CaseState.CLOSED]


@dataclass(frozen=True)
class Month:
    """Counts over everything known, since a start: promises kept / settled, cases closed in time / closed."""

    kept: int
    settled: int
    in_time: int
    closed: int


async def listed(
    connection: asyncpg.Connection,
    *,
    department: str | None = None,
    owner: str | None = None,
    states: Sequence[CaseState] | None = None,
    limit: int = 100,
) -> list[Case]:
    """By due time; without `states` all that is not closed."""
    rows = await connection.fetch(
        f"""
        SELECT {_CASE} FROM case_file
        WHERE state = ANY ($1::text[]) AND ($2::text IS NULL OR department = $2) AND ($3::text IS NULL OR owner = $3)
        ORDER BY due_at, case_id LIMIT $4
        """,  # noqa: S608
        [state.value for state in states] if states else _UNSETTLED,
        department,
        owner,
        limit,
    )
    return loaded(Case, rows)


async def overdue(connection: asyncpg.Connection, *, department: str | None, now: datetime, limit: int) -> list[Case]:
    """Not closed and past due, the longest first; a case that follows another is late with that one."""
    rows = await connection.fetch(
        f"""
        SELECT {_CASE} FROM case_file
        WHERE state <> 'closed' AND leader IS NULL AND due_at < $2 AND ($1::text IS NULL OR department = $1)
        ORDER BY due_at, case_id LIMIT $3
        """,  # noqa: S608
        department,
        now,
        limit,
    )
    return loaded(Case, rows)


async def newest_case(connection: asyncpg.Connection, department: str) -> Case | None:
    """Of those not closed yet, the one due last."""
    rows = await connection.fetch(
        f"""
        SELECT {_CASE} FROM case_file WHERE department = $1 AND state <> 'closed' ORDER BY due_at DESC LIMIT 1
        """,  # noqa: S608
        department,
    )
    return next(iter(loaded(Case, rows)), None)


async def recently_closed(connection: asyncpg.Connection, *, department: str | None, limit: int = 100) -> list[Case]:
    rows = await connection.fetch(
        f"""
        SELECT {_CASE} FROM case_file WHERE state = 'closed' AND ($1::text IS NULL OR department = $1)
        ORDER BY closed_at DESC, case_id LIMIT $2
        """,  # noqa: S608
        department,
        limit,
    )
    return loaded(Case, rows)


async def promises_due(connection: asyncpg.Connection, *, department: str | None, until: datetime) -> tuple[int, int]:
    """Open promises due until then, and how many of them without a callback asked for."""
    row = await connection.fetchrow(
        """
        SELECT count(*) AS due, count(*) FILTER (WHERE asked_at IS NULL) AS unasked FROM promise
        WHERE state = 'open' AND due_at <= $2 AND ($1::text IS NULL OR department = $1)
        """,
        department,
        until,
    )
    return row["due"], row["unasked"]


async def awaiting_callback(connection: asyncpg.Connection, *, department: str | None) -> tuple[int, datetime | None]:
    """Solved cases whose customer is still to be told, and the earliest deadline of their callbacks."""
    row = await connection.fetchrow(
        """
        SELECT count(DISTINCT case_file.case_id) AS waiting, min(request.deadline) AS earliest
        FROM case_file LEFT JOIN progress_request AS request
            ON request.case_id = case_file.case_id AND request.state = 'open' AND request.requested_at >= solved_at
        WHERE case_file.state = 'solved' AND ($1::text IS NULL OR department = $1)
        """,
        department,
    )
    return row["waiting"], row["earliest"]


async def month(connection: asyncpg.Connection, *, department: str | None, since: datetime) -> Month:
    """Cases that were corrected never were a duty: they are not counted."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM promise WHERE state = 'kept' AND due_at >= $2
                    AND ($1::text IS NULL OR department = $1)) AS kept,
               (SELECT count(*) FROM promise WHERE state IN ('kept', 'broken') AND due_at >= $2
                    AND ($1::text IS NULL OR department = $1)) AS settled,
               count(*) FILTER (WHERE closed_at <= due_at) AS in_time, count(*) AS closed
        FROM case_file WHERE state = 'closed' AND closed_as <> 'corrected' AND closed_at >= $2
            AND ($1::text IS NULL OR department = $1)
        """,
        department,
        since,
    )
    return Month(row["kept"], row["settled"], row["in_time"], row["closed"])


async def pairs(
    connection: asyncpg.Connection, *, department: str | None, since: datetime, limit: int = 500
) -> list[tuple[str, str, str]]:
    """(customer_ref, first answers, progress answers), both sealed: the last progress answer about each case."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (case_file.case_id) case_file.customer_ref, first.answers AS before, later.answers AS after
        FROM case_file
        JOIN response AS first ON first.response_id = case_file.response_id AND first.revision > 0
        JOIN response AS later ON later.about ->> 'case_id' = case_file.case_id AND later.revision > 0
        WHERE later.purpose = 'progress' AND later.voided_at IS NULL AND later.recorded_at >= $2
          AND ($1::text IS NULL OR department = $1)
        ORDER BY case_file.case_id, later.recorded_at DESC LIMIT $3
        """,
        department,
        since,
        limit,
    )
    return [(row["customer_ref"], row["before"], row["after"]) for row in rows]


async def changes(
    connection: asyncpg.Connection, *, department: str | None, since: datetime, limit: int = 8
) -> list[Link]:
    """Newest first."""
    names = ", ".join(f"case_history.{name.strip()}" for name in _LINK.split(","))
    rows = await connection.fetch(
        f"""
        SELECT {names} FROM case_history JOIN case_file USING (case_id)
        WHERE case_history.at >= $2 AND ($1::text IS NULL OR department = $1)
        ORDER BY case_history.at DESC, case_id, sequence DESC LIMIT $3
        """,  # noqa: S608
        department,
        since,
        limit,
    )
    return loaded(Link, rows)


@dataclass(frozen=True)
class Day:
    """Cases of one department that are late or due by tonight, and counts of everything."""

    overdue: list[Case]
    today: list[Case]
    counts: dict[str, int]


async def digest(
    connection: asyncpg.Connection, department: str, now: datetime, tonight: datetime, *, limit: int
) -> Day:
    """Counts: open, overdue, today, new (opened in the last day), promises due until `tonight`."""
    cases = await _due_until(connection, department, tonight, limit)
    counts = await connection.fetchrow(
        """
        SELECT count(*) AS open, count(*) FILTER (WHERE due_at < $2) AS overdue,
               count(*) FILTER (WHERE due_at >= $2 AND due_at < $3) AS today,
               count(*) FILTER (WHERE opened_at >= $4) AS new,
               (SELECT count(*) FROM promise WHERE department = $1 AND state = 'open' AND due_at < $3) AS promises
        FROM case_file WHERE department = $1 AND state <> 'closed'
        """,
        department,
        now,
        tonight,
        now - timedelta(days=1),
    )
    late = [case for case in cases if case.due_at < now]
    return Day(late, [case for case in cases if case.due_at >= now], dict(counts))


async def _due_until(connection: asyncpg.Connection, department: str, until: datetime, limit: int) -> list[Case]:
    rows = await connection.fetch(
        f"""
        SELECT {_CASE} FROM case_file WHERE department = $1 AND state <> 'closed' AND due_at < $2
        ORDER BY due_at, case_id LIMIT $3
        """,  # noqa: S608
        department,
        until,
        limit,
    )
    return loaded(Case, rows)
