"""Answers, and the revisions that were told of each part. Everything heard is sealed before it comes here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

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


class SealedAnswer(NamedTuple):
    """The newest answer to a question: sealed with the facts of its month; the words under the customer's key."""

    part_id: str
    question_id: str
    sealed: str
    said: str | None
    elapsed_ms: int | None

    @property
    def place(self) -> str:
        """Its name among the answers of its interview; a question's id has no slash."""
        return f"{self.part_id}/{self.question_id}"


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


def columns_of(answers: Iterable[SealedAnswer]) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers by their place as an interview keeps them, and the words by their place."""
    kept = {answer.place: [answer.sealed, answer.elapsed_ms] for answer in answers}
    return kept, {answer.place: answer.said for answer in answers if answer.said is not None}


def answers_from(answers: Mapping[str, Any], said: Mapping[str, str] | None) -> tuple[SealedAnswer, ...]:
    """The other way round."""
    words = said or {}
    return tuple(
        SealedAnswer(*_parted(place), sealed, words.get(place), elapsed_ms)
        for place, (sealed, elapsed_ms) in answers.items()
    )


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


def _parted(place: str) -> tuple[str, str]:
    part_id, _slash, question_id = place.rpartition("/")
    return part_id, question_id


def _columns(rows: Sequence[FormRow] | Sequence[Revision]) -> list[list[object]]:
    """One list for each field, in the order of the fields; there must be a row."""
    return [list(column) for column in zip(*rows, strict=True)]
