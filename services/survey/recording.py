"""What every channel does with an interview: begin, answer, mark. What was heard is told by `telling`.

Each answer is stored before the next question is put.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring, Vault
from contracts.answers import Answer
from services.survey import catalogue
from services.survey.forms import blank, taken
from services.survey.interview import (
    IDLE,
    Callback,
    Given,
    Interview,
    Marks,
    PartForm,
    response_id,
)
from services.survey.permits import Permit
from services.survey.questionnaire import Medium
from services.survey.store import answers, interviews
from services.survey.store.answers import AnswerRow, FormRow, ResponseRow
from services.survey.store.interviews import Begun, InterviewRow

_MARKS = TypeAdapter(Marks)

Place = tuple[str, str]
"""Callback id and part id."""


class InterviewOver(Exception):
    """Nothing more is taken: the interview has ended."""


async def begin(tx: Transaction, permit: Permit, *, medium: Medium, agent: str | None = None) -> Interview:
    """Opens the callback's interview, or goes on with it by this contact. Raises `InterviewOver`."""
    begun = Begun(permit.callback, permit.permit_no, permit.channel, medium, agent, tx.now)
    await begin_all(tx, [begun])
    found = await interview_of(tx.connection, tx.vault, permit.callback.callback_id)
    if found is None or found.ended_at is not None:
        raise InterviewOver(permit.callback.callback_id)
    return found


async def begin_all(tx: Transaction, begun: Sequence[Begun]) -> None:
    await interviews.begin(tx.connection, begun)
    await answers.insert_responses(
        tx.connection, [_form_row(one.callback, form) for one in begun for form in blank(one.callback, one.medium)]
    )


async def interview_of(connection: asyncpg.Connection, vault: Vault, callback_id: str) -> Interview | None:
    """The interview with its answers opened; words of an erased customer are left out."""
    return (await interviews_of(connection, vault, [callback_id])).get(callback_id)


async def interviews_of(
    connection: asyncpg.Connection, vault: Vault, callback_ids: Sequence[str]
) -> dict[str, Interview]:
    """By callback id; a callback that nobody was asked about has none."""
    rows = await interviews.interviews_of(connection, callback_ids)
    if not rows:
        return {}
    keys = await keyring(vault, [row.callback for row in rows])
    begun = [row.callback.callback_id for row in rows]
    responses = {(told.callback_id, told.part_id): told for told in await answers.responses_of(connection, begun)}
    given: dict[Place, list[AnswerRow]] = {}
    for answer_row in await answers.answers_of(connection, begun):
        given.setdefault((answer_row.callback_id, answer_row.part_id), []).append(answer_row)
    return {row.callback.callback_id: _interview(row, responses, given, keys) for row in rows}


async def connected(tx: Transaction, callback_id: str, at: datetime) -> None:
    await interviews.note(tx.connection, callback_id, "connected", at)


async def opened(tx: Transaction, callback_id: str) -> None:
    """The opening has been read."""
    await interviews.note(tx.connection, callback_id, "opened", tx.now)


async def confirmed_identity(tx: Transaction, callback_id: str) -> None:
    await interviews.note(tx.connection, callback_id, "identity", tx.now)


async def consented(tx: Transaction, callback_id: str) -> None:
    await interviews.note(tx.connection, callback_id, "consent", tx.now)


async def answer(tx: Transaction, interview: Interview, part_id: str, question_id: str, given: Given) -> Interview:
    """Stores one answer; a later one to the same question replaces it. Raises `InvalidAnswer`, `InterviewOver`."""
    if interview.ended_at is not None:
        raise InterviewOver(interview.callback.callback_id)
    keys = await keyring(tx.vault, [interview.callback])
    changed = taken(interview, part_id, question_id, given, tx.now)
    await answers.upsert(tx.connection, [answer_row(changed, part_id, question_id, keys)])
    await interviews.heard(tx.connection, interview.callback.callback_id, tx.now, tx.now + IDLE)
    return changed


def answer_row(interview: Interview, part_id: str, question_id: str, keys: Keyring) -> AnswerRow:
    """An answer of this interview as it is stored: sealed, the words apart."""
    form, callback = interview.part(part_id), interview.callback
    ref, words = callback.customer_ref, form.texts.get(question_id)
    assert interview.heard_at is not None, "an answer was heard"  # noqa: S101
    return AnswerRow(
        callback_id=callback.callback_id,
        customer_ref=ref,
        part_id=part_id,
        question_id=question_id,
        sealed=keys.seal_facts(callback.month, ref, "answer", form.answers[question_id]),
        said=None if words is None else keys.seal_text(ref, "said", words),
        elapsed_ms=form.elapsed_ms.get(question_id),
        answered_at=interview.heard_at,
    )


async def mark(tx: Transaction, interview: Interview, marks: Marks) -> Interview:
    """What the agent notes beside the answers; replaces what was noted before."""
    callback, keys = interview.callback, await keyring(tx.vault, [interview.callback])
    sealed = keys.seal_facts(callback.month, callback.customer_ref, "marks", asdict(marks))
    await interviews.set_marks(tx.connection, callback.callback_id, sealed)
    return replace(interview, marks=marks)


async def keyring(vault: Vault, callbacks: Collection[Callback]) -> Keyring:
    """Text keys of their customers and facts keys of their months."""
    return await vault.keyring(
        text={callback.customer_ref for callback in callbacks}, facts={callback.month for callback in callbacks}
    )


def _form_row(callback: Callback, form: PartForm) -> FormRow:
    asked = form.questionnaire
    return FormRow(
        callback_id=callback.callback_id,
        customer_ref=callback.customer_ref,
        response_id=response_id(callback.callback_id, form.part.part_id),
        part_id=form.part.part_id,
        questionnaire=asked.id,
        version=asked.version,
        content_hash=asked.content_hash,
    )


def _form(row: InterviewRow, told: ResponseRow, given: Sequence[AnswerRow], keys: Keyring) -> PartForm:
    ref = row.callback.customer_ref
    values = {answer.question_id: Answer.model_validate(keys.open(ref, "answer", answer.sealed)) for answer in given}
    words = {answer.question_id: keys.open(ref, "said", answer.said) for answer in given if answer.said is not None}
    return PartForm(
        part=next(part for part in row.callback.parts if part.part_id == told.part_id),
        questionnaire=catalogue.exactly(told.questionnaire, told.version),
        medium=row.medium,
        answers=values,
        texts={question_id: text for question_id, text in words.items() if text is not ERASED},
        elapsed_ms={answer.question_id: answer.elapsed_ms for answer in given if answer.elapsed_ms is not None},
        revision=told.revision,
    )


def _interview(
    row: InterviewRow,
    responses: Mapping[Place, ResponseRow],
    given: Mapping[Place, Sequence[AnswerRow]],
    keys: Keyring,
) -> Interview:
    ref = row.callback.customer_ref
    places = [(row.callback.callback_id, part.part_id) for part in row.callback.parts]
    forms = tuple(_form(row, responses[place], given.get(place, ()), keys) for place in places)
    marks = Marks() if row.marks is None else _MARKS.validate_python(keys.open(ref, "marks", row.marks))
    return Interview(
        callback=row.callback,
        permit_no=row.permit_no,
        channel=row.channel,
        medium=row.medium,
        agent=row.agent,
        started_at=row.started_at,
        connected_at=row.connected_at,
        identity_at=row.identity_at,
        consent_at=row.consent_at,
        heard_at=row.heard_at,
        ended_at=row.ended_at,
        marks=marks,
        parts=forms,
    )
