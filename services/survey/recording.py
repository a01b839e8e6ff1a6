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
    Course,
    Given,
    Interview,
    Marks,
    PartForm,
    response_id,
)
from services.survey.permits import Permit
from services.survey.questionnaire import Medium
from services.survey.store import answers, interviews
from services.survey.store.answers import FormRow, ResponseRow, SealedAnswer
from services.survey.store.interviews import Begun, Heard, InterviewRow

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
    keys = await keyring(vault, [row.course.callback for row in rows])
    begun = [row.course.callback.callback_id for row in rows]
    responses = await answers.responses_of(connection, begun)
    return opened_interviews(rows, responses, keys)


def opened_interviews(
    rows: Sequence[InterviewRow], responses: Sequence[ResponseRow], keys: Keyring
) -> dict[str, Interview]:
    """By callback id, from all that is kept of these interviews; as `interviews_of`."""
    told = {(response.callback_id, response.part_id): response for response in responses}
    return {row.course.callback.callback_id: _interview(row, told, keys) for row in rows}


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
    await interviews.hear(tx.connection, heard(changed, part_id, question_id, keys))
    return changed


def heard(interview: Interview, part_id: str, question_id: str, keys: Keyring) -> Heard:
    """The answer that this interview heard last."""
    assert interview.heard_at is not None, "an answer was heard"  # noqa: S101
    answer = sealed_answer(interview, part_id, question_id, keys)
    return Heard(interview.callback.callback_id, answer, interview.heard_at, interview.heard_at + IDLE)


def sealed_answer(interview: Interview, part_id: str, question_id: str, keys: Keyring) -> SealedAnswer:
    """An answer of this interview as it is stored: sealed, the words apart."""
    form, callback = interview.part(part_id), interview.callback
    ref, words = callback.customer_ref, form.texts.get(question_id)
    return SealedAnswer(
        part_id=part_id,
        question_id=question_id,
        sealed=keys.seal_facts(callback.month, ref, "answer", form.answers[question_id]),
        said=None if words is None else keys.seal_text(ref, "said", words),
        elapsed_ms=form.elapsed_ms.get(question_id),
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


def _form(course: Course, told: ResponseRow, given: Sequence[SealedAnswer], keys: Keyring) -> PartForm:
    ref = course.callback.customer_ref
    values = {answer.question_id: keys.open_as(Answer, ref, "answer", answer.sealed) for answer in given}
    words = {answer.question_id: keys.open(ref, "said", answer.said) for answer in given if answer.said is not None}
    return PartForm(
        part=next(part for part in course.callback.parts if part.part_id == told.part_id),
        questionnaire=catalogue.exactly(told.questionnaire, told.version),
        medium=course.medium,
        answers={question_id: value for question_id, value in values.items() if value is not ERASED},
        texts={question_id: text for question_id, text in words.items() if text is not ERASED},
        elapsed_ms={answer.question_id: answer.elapsed_ms for answer in given if answer.elapsed_ms is not None},
        revision=told.revision,
    )


def _interview(row: InterviewRow, responses: Mapping[Place, ResponseRow], keys: Keyring) -> Interview:
    course = row.course
    ref, callback_id = course.callback.customer_ref, course.callback.callback_id
    forms = tuple(
        _form(course, responses[callback_id, part.part_id], [a for a in row.answers if a.part_id == part.part_id], keys)
        for part in course.callback.parts
    )
    marks = Marks() if row.marks is None else _MARKS.validate_python(keys.open(ref, "marks", row.marks))
    return Interview(**vars(course), marks=marks, parts=forms)
