"""Interviews: with whom, by which contact, how far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import Channel
from services.survey.interview import Callback, Course
from services.survey.questionnaire import Medium
from services.survey.store.answers import SealedAnswer, answers_from, columns_of
from services.survey.store.rows import CALLBACK_COLUMNS, callback_from


@dataclass(frozen=True)
class InterviewRow:
    """`marks` are sealed. `version` is another one after every change of the row."""

    course: Course
    marks: str | None
    answers: tuple[SealedAnswer, ...]
    version: int


@dataclass(frozen=True)
class Begun:
    """A contact by which an interview begins or goes on. `heard_at`: the last answer, where `answers` are known."""

    callback: Callback
    permit_no: int
    channel: Channel
    medium: Medium
    agent: str | None
    started_at: datetime
    heard_at: datetime | None = None
    answers: tuple[SealedAnswer, ...] = ()


@dataclass(frozen=True)
class Heard:
    """One answer that an interview hears. `idle_at`: when what was heard so far is told, should nothing follow."""

    callback_id: str
    answer: SealedAnswer
    heard_at: datetime
    idle_at: datetime


# Its contact under names of its own: a permit has columns of the same name.
INTERVIEW_COLUMNS = """interview.permit_no AS contact_no, interview.channel AS contact_channel, interview.medium,
    interview.agent, interview.started_at, interview.connected_at, interview.identity_at, interview.consent_at,
    interview.heard_at, interview.ended_at, interview.marks, interview.answers, interview.said,
    interview.xmin AS version"""
_HEAR = """UPDATE interview SET answers = interview.answers || $2::jsonb,
    said = interview.said - $3::text || $4::jsonb,
    heard_at = $5, idle_at = $6"""


async def interviews_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[InterviewRow]:
    """In no particular order; a callback that nobody was asked about has none."""
    rows = await connection.fetch(
        f"""SELECT {CALLBACK_COLUMNS}, {INTERVIEW_COLUMNS}
            FROM interview JOIN callback USING (callback_id) WHERE callback_id = ANY ($1)""",  # noqa: S608  own columns
        callback_ids,
    )
    return [interview_from(row) for row in rows]


async def begin(connection: asyncpg.Connection, begun: Sequence[Begun]) -> None:
    """Opens interviews, or goes on with them by these contacts. A later answer to a question replaces the earlier."""
    kept = [columns_of(one.answers) for one in begun]
    await connection.execute(
        """INSERT INTO interview (callback_id, customer_ref, permit_no, channel, medium, agent, started_at, heard_at,
               answers, said)
           SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[],
               $7::timestamptz[], $8::timestamptz[], $9::jsonb[], $10::jsonb[])
           ON CONFLICT (callback_id) DO UPDATE
           SET permit_no = excluded.permit_no, channel = excluded.channel, medium = excluded.medium,
               agent = excluded.agent, identity_at = NULL, consent_at = NULL, connected_at = NULL, opened_at = NULL,
               heard_at = coalesce(excluded.heard_at, interview.heard_at),
               answers = interview.answers || excluded.answers,
               said = interview.said - ARRAY(SELECT jsonb_object_keys(excluded.answers)) || excluded.said
           WHERE (interview.permit_no <> excluded.permit_no OR excluded.heard_at IS NOT NULL)
             AND interview.ended_at IS NULL""",
        [one.callback.callback_id for one in begun],
        [one.callback.customer_ref for one in begun],
        *[
            [getattr(one, name) for one in begun]
            for name in ("permit_no", "channel", "medium", "agent", "started_at", "heard_at")
        ],
        [answers for answers, _ in kept],
        [said for _, said in kept],
    )


async def hear(connection: asyncpg.Connection, heard: Heard) -> None:
    """A later answer to a question replaces the earlier one."""
    await connection.execute(f"{_HEAR} WHERE callback_id = $1", *_columns(heard))


async def hear_at_once(
    connection: asyncpg.Connection, heard: Heard, *, version: int, code_hash: str, lock: int
) -> bool:
    """As `hear`, a transaction of its own in one statement: for the interview as it was read in this `version`, while
    the link lives. False: something came between, and nothing is changed. `lock`: of the customer."""
    found = await connection.fetchval(
        f"""WITH held AS MATERIALIZED (SELECT FROM pg_advisory_xact_lock($7))
            {_HEAR} FROM held, link
            WHERE interview.callback_id = $1 AND interview.xmin = $8 AND interview.ended_at IS NULL
              AND link.code_hash = $9 AND link.state = 'live' RETURNING true""",  # noqa: S608  own words
        *_columns(heard),
        lock,
        version,
        code_hash,
    )
    return found is not None


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
    return InterviewRow(course, row["marks"], answers_from(row["answers"], row["said"]), row["version"])


def _columns(heard: Heard) -> tuple[object, ...]:
    answers, said = columns_of([heard.answer])
    return heard.callback_id, answers, heard.answer.place, said, heard.heard_at, heard.idle_at
