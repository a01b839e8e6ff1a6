"""Interviews: with whom, by which contact, how far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import Channel
from services.survey.interview import Callback, Course
from services.survey.questionnaire import Medium
from services.survey.store.rows import CALLBACK_COLUMNS, callback_from


@dataclass(frozen=True)
class InterviewRow:
    """`marks` are sealed."""

    course: Course
    marks: str | None


@dataclass(frozen=True)
class Begun:
    """A contact by which an interview begins or goes on. `heard_at`: the last answer, where it is known already."""

    callback: Callback
    permit_no: int
    channel: Channel
    medium: Medium
    agent: str | None
    started_at: datetime
    heard_at: datetime | None = None


# Its contact under names of its own: a permit has columns of the same name.
INTERVIEW_COLUMNS = """interview.permit_no AS contact_no, interview.channel AS contact_channel, interview.medium,
    interview.agent, interview.started_at, interview.connected_at, interview.identity_at, interview.consent_at,
    interview.heard_at, interview.ended_at, interview.marks"""


async def interviews_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[InterviewRow]:
    """In no particular order; a callback that nobody was asked about has none."""
    rows = await connection.fetch(
        f"""SELECT {CALLBACK_COLUMNS}, {INTERVIEW_COLUMNS}
            FROM interview JOIN callback USING (callback_id) WHERE callback_id = ANY ($1)""",  # noqa: S608  own columns
        callback_ids,
    )
    return [interview_from(row) for row in rows]


async def begin(connection: asyncpg.Connection, begun: Sequence[Begun]) -> None:
    """Opens interviews, or goes on with them by these contacts."""
    await connection.execute(
        """INSERT INTO interview (callback_id, customer_ref, permit_no, channel, medium, agent, started_at, heard_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[],
               $7::timestamptz[], $8::timestamptz[])
           ON CONFLICT (callback_id) DO UPDATE
           SET permit_no = excluded.permit_no, channel = excluded.channel, medium = excluded.medium,
               agent = excluded.agent, identity_at = NULL, consent_at = NULL, connected_at = NULL, opened_at = NULL,
               heard_at = coalesce(excluded.heard_at, interview.heard_at)
           WHERE (interview.permit_no <> excluded.permit_no OR excluded.heard_at IS NOT NULL)
             AND interview.ended_at IS NULL""",
        [one.callback.callback_id for one in begun],
        [one.callback.customer_ref for one in begun],
        *[
            [getattr(one, name) for one in begun]
            for name in ("permit_no", "channel", "medium", "agent", "started_at", "heard_at")
        ],
    )


async def note(connection: asyncpg.Connection, callback_id: str, moment: str, at: datetime) -> None:
    """`moment`: connected, opened, identity or consent; the first time stays."""
    column = {name: f"{name}_at" for name in ("connected", "opened", "identity", "consent")}[moment]
    await connection.execute(
        f"UPDATE interview SET {column} = $2 WHERE callback_id = $1 AND {column} IS NULL",  # noqa: S608  four own words
        callback_id,
        at,
    )


async def openings_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> dict[str, datetime]:
    """When the opening had been read, by callback; only of calls that came so far."""
    rows = await connection.fetch(
        "SELECT callback_id, opened_at FROM interview WHERE callback_id = ANY ($1) AND opened_at IS NOT NULL",
        callback_ids,
    )
    return {row["callback_id"]: row["opened_at"] for row in rows}


async def set_marks(connection: asyncpg.Connection, callback_id: str, sealed: str) -> None:
    await connection.execute("UPDATE interview SET marks = $2 WHERE callback_id = $1", callback_id, sealed)


async def told(connection: asyncpg.Connection, callback_ids: Sequence[str], *, ended_at: datetime | None) -> None:
    """Nothing waits to be told; with `ended_at` nothing more is taken."""
    await connection.execute(
        "UPDATE interview SET idle_at = NULL, ended_at = coalesce(ended_at, $2) WHERE callback_id = ANY ($1)",
        callback_ids,
        ended_at,
    )


async def idle(connection: asyncpg.Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Interviews in which nothing was said for a while, with their customers."""
    rows = await connection.fetch(
        "SELECT callback_id, customer_ref FROM interview WHERE idle_at <= $1 ORDER BY idle_at LIMIT $2", now, limit
    )
    return [(row["callback_id"], row["customer_ref"]) for row in rows]


async def next_idle(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval("SELECT min(idle_at) FROM interview WHERE idle_at IS NOT NULL")
    return instant


async def still_idle(connection: asyncpg.Connection, callback_id: str, now: datetime) -> bool:
    found = await connection.fetchval(
        "SELECT true FROM interview WHERE callback_id = $1 AND idle_at <= $2", callback_id, now
    )
    return found is not None


async def ended(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT callback_id FROM interview WHERE callback_id = ANY ($1) AND ended_at IS NOT NULL", callback_ids
    )
    return {row["callback_id"] for row in rows}


async def unfinished(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[str]:
    """Of these callbacks the ones with answers whose interview has not ended and that nothing can continue:
    no open permit, no live link."""
    rows = await connection.fetch(
        """SELECT callback_id FROM interview
           WHERE callback_id = ANY ($1) AND ended_at IS NULL AND heard_at IS NOT NULL
             AND NOT EXISTS (SELECT FROM permit WHERE permit.callback_id = interview.callback_id AND state <> 'closed')
             AND NOT EXISTS (SELECT FROM link WHERE link.callback_id = interview.callback_id AND state = 'live')
           ORDER BY callback_id""",
        callback_ids,
    )
    return [row["callback_id"] for row in rows]


def interview_from(row: asyncpg.Record) -> InterviewRow:
    course = Course(
        callback=callback_from(row),
        permit_no=row["contact_no"],
        channel=Channel(row["contact_channel"]),
        medium=Medium(row["medium"]),
        agent=row["agent"],
        started_at=row["started_at"],
        connected_at=row["connected_at"],
        identity_at=row["identity_at"],
        consent_at=row["consent_at"],
        heard_at=row["heard_at"],
        ended_at=row["ended_at"],
    )
    return InterviewRow(course, row["marks"])
