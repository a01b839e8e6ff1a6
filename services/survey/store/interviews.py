"""Interviews, their answers, and the revisions that were told. Everything heard is sealed before it comes here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.vocabulary import Channel, ResponseStatus
from services.survey.interview import Callback
from services.survey.questionnaire import Medium
from services.survey.store.rows import CALLBACK_COLUMNS, callback_from


@dataclass(frozen=True)
class InterviewRow:
    callback: Callback
    permit_no: int
    channel: Channel
    medium: Medium
    agent: str | None
    started_at: datetime
    connected_at: datetime | None
    identity_at: datetime | None
    consent_at: datetime | None
    heard_at: datetime | None
    ended_at: datetime | None
    marks: str | None


@dataclass(frozen=True)
class ResponseRow:
    part_id: str
    questionnaire: str
    version: int
    revision: int


@dataclass(frozen=True)
class AnswerRow:
    part_id: str
    question_id: str
    sealed: str
    said: str | None
    elapsed_ms: int | None


_INTERVIEW = """interview.permit_no, channel, medium, agent, started_at, connected_at, identity_at, consent_at,
    heard_at, ended_at, marks"""


async def interview_of(connection: asyncpg.Connection, callback_id: str) -> InterviewRow | None:
    row = await connection.fetchrow(
        f"""SELECT {CALLBACK_COLUMNS}, {_INTERVIEW}
            FROM interview JOIN callback USING (callback_id) WHERE callback_id = $1""",  # noqa: S608  own columns
        callback_id,
    )
    if row is None:
        return None
    told = {
        name: row[name] for name in ("permit_no", "agent", "started_at", "connected_at", "identity_at", "consent_at")
    }
    return InterviewRow(
        callback=callback_from(row),
        channel=Channel(row["channel"]),
        medium=Medium(row["medium"]),
        heard_at=row["heard_at"],
        ended_at=row["ended_at"],
        marks=row["marks"],
        **told,
    )


async def begin(
    connection: asyncpg.Connection, callback: Callback, *, permit_no: int, channel: Channel, medium: Medium,
    agent: str | None, now: datetime,
) -> None:  # fmt: skip
    """Opens the interview, or goes on with it by this contact."""
    await connection.execute(
        """INSERT INTO interview (callback_id, customer_ref, permit_no, channel, medium, agent, started_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (callback_id) DO UPDATE
           SET permit_no = excluded.permit_no, channel = excluded.channel, medium = excluded.medium,
               agent = excluded.agent, identity_at = NULL, consent_at = NULL, connected_at = NULL
           WHERE interview.permit_no <> excluded.permit_no AND interview.ended_at IS NULL""",
        callback.callback_id,
        callback.customer_ref,
        permit_no,
        channel,
        medium,
        agent,
        now,
    )


async def insert_responses(
    connection: asyncpg.Connection, callback: Callback, forms: Sequence[tuple[str, str, str, int, str]]
) -> None:
    """`forms`: response id, part id, questionnaire, version, content hash. What an interview began with stays."""
    await connection.execute(
        """INSERT INTO response (callback_id, customer_ref, response_id, part_id, questionnaire, version, content_hash)
           SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::integer[], $7::text[])
           ON CONFLICT DO NOTHING""",
        callback.callback_id,
        callback.customer_ref,
        *[[form[column] for form in forms] for column in range(5)],
    )


async def note(connection: asyncpg.Connection, callback_id: str, moment: str, at: datetime) -> None:
    """`moment`: connected, identity or consent; the first time stays."""
    column = {"connected": "connected_at", "identity": "identity_at", "consent": "consent_at"}[moment]
    await connection.execute(
        f"UPDATE interview SET {column} = $2 WHERE callback_id = $1 AND {column} IS NULL",  # noqa: S608  three own words
        callback_id,
        at,
    )


async def set_marks(connection: asyncpg.Connection, callback_id: str, sealed: str) -> None:
    await connection.execute("UPDATE interview SET marks = $2 WHERE callback_id = $1", callback_id, sealed)


async def upsert_answer(
    connection: asyncpg.Connection, callback: Callback, answer: AnswerRow, *, now: datetime, idle_at: datetime
) -> None:
    await connection.execute(
        """INSERT INTO answer (callback_id, customer_ref, part_id, question_id, sealed, said, elapsed_ms, answered_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (callback_id, part_id, question_id) DO UPDATE
           SET sealed = excluded.sealed, said = excluded.said, elapsed_ms = excluded.elapsed_ms,
               answered_at = excluded.answered_at""",
        callback.callback_id,
        callback.customer_ref,
        answer.part_id,
        answer.question_id,
        answer.sealed,
        answer.said,
        answer.elapsed_ms,
        now,
    )
    await connection.execute(
        "UPDATE interview SET heard_at = $2, idle_at = $3 WHERE callback_id = $1", callback.callback_id, now, idle_at
    )


async def answers_of(connection: asyncpg.Connection, callback_id: str) -> list[AnswerRow]:
    rows = await connection.fetch(
        "SELECT part_id, question_id, sealed, said, elapsed_ms FROM answer WHERE callback_id = $1", callback_id
    )
    return [AnswerRow(**dict(row)) for row in rows]


async def responses_of(connection: asyncpg.Connection, callback_id: str) -> list[ResponseRow]:
    rows = await connection.fetch(
        "SELECT part_id, questionnaire, version, revision FROM response WHERE callback_id = $1", callback_id
    )
    return [ResponseRow(**dict(row)) for row in rows]


async def next_revision(
    connection: asyncpg.Connection, response_id: str, *, status: ResponseStatus, final: bool, now: datetime
) -> int:
    revision: int = await connection.fetchval(
        """UPDATE response SET revision = revision + 1, status = $2, final = $3, recorded_at = $4
           WHERE response_id = $1 RETURNING revision""",
        response_id,
        status,
        final,
        now,
    )
    return revision


async def told(connection: asyncpg.Connection, callback_id: str, *, ended_at: datetime | None) -> None:
    """Nothing waits to be told; with `ended_at` nothing more is taken."""
    await connection.execute(
        "UPDATE interview SET idle_at = NULL, ended_at = coalesce(ended_at, $2) WHERE callback_id = $1",
        callback_id,
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
