"""Answers, and the revisions that were told of each part. Everything heard is sealed before it comes here."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from contracts.vocabulary import ResponseStatus


class FormRow(NamedTuple):
    """A part of a callback with the questionnaire it is asked by."""

    callback_id: str
    customer_ref: str
    response_id: str
    part_id: str
    questionnaire: str
    version: int
    content_hash: str


class ResponseRow(NamedTuple):
    callback_id: str
    part_id: str
    questionnaire: str
    version: int
    revision: int


class AnswerRow(NamedTuple):
    callback_id: str
    customer_ref: str
    part_id: str
    question_id: str
    sealed: str
    said: str | None
    elapsed_ms: int | None
    answered_at: datetime


class KeptAnswer(NamedTuple):
    """What is read again of an answer."""

    callback_id: str
    part_id: str
    question_id: str
    sealed: str
    said: str | None
    elapsed_ms: int | None


class Revision(NamedTuple):
    """What is told now of one response."""

    response_id: str
    status: ResponseStatus
    final: bool


async def insert_responses(connection: asyncpg.Connection, forms: Sequence[FormRow]) -> None:
    """What an interview began with stays."""
    if not forms:
        return
    await connection.execute(
        """INSERT INTO response (callback_id, customer_ref, response_id, part_id, questionnaire, version, content_hash)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[])
           ON CONFLICT DO NOTHING""",
        *_columns(forms),
    )


async def upsert(connection: asyncpg.Connection, answers: Sequence[AnswerRow]) -> None:
    """A later answer to a question replaces the earlier one. No question twice."""
    if not answers:
        return
    await connection.execute(
        """INSERT INTO answer (callback_id, customer_ref, part_id, question_id, sealed, said, elapsed_ms, answered_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[],
               $8::timestamptz[])
           ON CONFLICT (callback_id, part_id, question_id) DO UPDATE
           SET sealed = excluded.sealed, said = excluded.said, elapsed_ms = excluded.elapsed_ms,
               answered_at = excluded.answered_at""",
        *_columns(answers),
    )


async def take(connection: asyncpg.Connection, answer: AnswerRow, idle_at: datetime) -> None:
    """As `upsert` for the one answer that an interview hears now; `idle_at`: when what was heard so far is told."""
    await connection.execute(
        """WITH heard AS (UPDATE interview SET heard_at = $8, idle_at = $9 WHERE callback_id = $1)
           INSERT INTO answer (callback_id, customer_ref, part_id, question_id, sealed, said, elapsed_ms, answered_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (callback_id, part_id, question_id) DO UPDATE
           SET sealed = excluded.sealed, said = excluded.said, elapsed_ms = excluded.elapsed_ms,
               answered_at = excluded.answered_at""",
        *answer,
        idle_at,
    )


async def answers_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[KeptAnswer]:
    rows = await connection.fetch(
        """SELECT callback_id, part_id, question_id, sealed, said, elapsed_ms FROM answer
           WHERE callback_id = ANY ($1)""",
        callback_ids,
    )
    return [KeptAnswer(*row) for row in rows]


async def responses_of(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> list[ResponseRow]:
    rows = await connection.fetch(
        "SELECT callback_id, part_id, questionnaire, version, revision FROM response WHERE callback_id = ANY ($1)",
        callback_ids,
    )
    return [ResponseRow(**dict(row)) for row in rows]


async def next_revisions(connection: asyncpg.Connection, told: Sequence[Revision], now: datetime) -> dict[str, int]:
    """The number of the new revision by response id."""
    if not told:
        return {}
    rows = await connection.fetch(
        """UPDATE response SET revision = revision + 1, status = told.status, final = told.final, recorded_at = $4
           FROM unnest($1::text[], $2::text[], $3::boolean[]) AS told (response_id, status, final)
           WHERE response.response_id = told.response_id RETURNING response.response_id, revision""",
        *_columns(told),
        now,
    )
    return {row["response_id"]: row["revision"] for row in rows}


def _columns(rows: Sequence[FormRow] | Sequence[AnswerRow] | Sequence[Revision]) -> list[list[object]]:
    """One list for each field, in the order of the fields; there must be a row."""
    return [list(column) for column in zip(*rows, strict=True)]
