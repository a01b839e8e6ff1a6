"""What every channel does with an interview: begin, answer, mark, conclude.

Each answer is stored before the next question is put.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring, Vault
from contracts.answers import Answer
from contracts.events.survey import ResponseRecorded
from contracts.vocabulary import NotAttempted, ResponseStatus
from services.survey import attempts, catalogue
from services.survey.interview import (
    IDLE,
    Callback,
    Given,
    Interview,
    InvalidAnswer,
    Marks,
    PartForm,
    checked,
    response_id,
)
from services.survey.permits import Permit
from services.survey.quality import flags
from services.survey.questionnaire import Medium
from services.survey.store import interviews, links, permits
from services.survey.store.interviews import AnswerRow, InterviewRow, ResponseRow

_MARKS = TypeAdapter(Marks)


class InterviewOver(Exception):
    """Nothing more is taken: the interview has ended."""


async def begin(tx: Transaction, permit: Permit, *, medium: Medium, agent: str | None = None) -> Interview:
    """Opens the callback's interview, or goes on with it by this contact. Raises `InterviewOver`."""
    callback = permit.callback
    await interviews.begin(
        tx.connection,
        callback,
        permit_no=permit.permit_no,
        channel=permit.channel,
        medium=medium,
        agent=agent,
        now=tx.now,
    )
    newest = [(part.part_id, catalogue.newest(part.questionnaire)) for part in callback.parts]
    forms = [
        (response_id(callback.callback_id, part_id), part_id, q.id, q.version, q.content_hash) for part_id, q in newest
    ]
    await interviews.insert_responses(tx.connection, callback, forms)
    found = await interview_of(tx.connection, tx.vault, callback.callback_id)
    if found is None or found.ended_at is not None:
        raise InterviewOver(callback.callback_id)
    return found


async def interview_of(connection: asyncpg.Connection, vault: Vault, callback_id: str) -> Interview | None:
    """The interview with its answers opened; words of an erased customer are left out."""
    row = await interviews.interview_of(connection, callback_id)
    if row is None:
        return None
    keys = await _keys(vault, row.callback)
    responses = {told.part_id: told for told in await interviews.responses_of(connection, callback_id)}
    answers = await interviews.answers_of(connection, callback_id)
    forms = [
        _form(row, responses[part.part_id], [answer for answer in answers if answer.part_id == part.part_id], keys)
        for part in row.callback.parts
    ]
    return _interview(row, tuple(forms), keys)


async def connected(tx: Transaction, callback_id: str, at: datetime) -> None:
    await interviews.note(tx.connection, callback_id, "connected", at)


async def confirmed_identity(tx: Transaction, callback_id: str) -> None:
    await interviews.note(tx.connection, callback_id, "identity", tx.now)


async def consented(tx: Transaction, callback_id: str) -> None:
    await interviews.note(tx.connection, callback_id, "consent", tx.now)


async def answer(tx: Transaction, interview: Interview, part_id: str, question_id: str, given: Given) -> Interview:
    """Stores one answer; a later one to the same question replaces it. Raises `InvalidAnswer`, `InterviewOver`."""
    if interview.ended_at is not None:
        raise InterviewOver(interview.callback.callback_id)
    form = interview.part(part_id)
    question = form.questionnaire.question(question_id)
    if question is None or question not in form.questionnaire.asked_on(form.medium):
        raise InvalidAnswer(question_id, "is not asked here")
    value, words = checked(question, given)
    callback, keys = interview.callback, await _keys(tx.vault, interview.callback)
    ref, month = callback.customer_ref, callback.month
    row = AnswerRow(
        part_id=part_id,
        question_id=question_id,
        sealed=keys.seal_facts(month, ref, "answer", value.model_dump(mode="json")),
        said=None if words is None else keys.seal_text(ref, "said", words),
        elapsed_ms=given.elapsed_ms,
    )
    await interviews.upsert_answer(tx.connection, callback, row, now=tx.now, idle_at=tx.now + IDLE)
    texts = {**form.texts, question_id: words} if words else {k: v for k, v in form.texts.items() if k != question_id}
    changed = replace(form, answers={**form.answers, question_id: value}, texts=texts)
    return replace(interview, heard_at=tx.now).with_part(changed)


async def mark(tx: Transaction, interview: Interview, marks: Marks) -> Interview:
    """What the agent notes beside the answers; replaces what was noted before."""
    callback, keys = interview.callback, await _keys(tx.vault, interview.callback)
    sealed = keys.seal_facts(callback.month, callback.customer_ref, "marks", asdict(marks))
    await interviews.set_marks(tx.connection, callback.callback_id, sealed)
    return replace(interview, marks=marks)


async def conclude(tx: Transaction, interview: Interview, *, final: bool) -> list[ResponseRecorded]:
    """Tells the next revision of every part in which something was answered.

    `final`: nothing more is taken, the callback's links are used up, and its open permits end as already answered.
    A part without an answer is not told.
    """
    keys = await _keys(tx.vault, interview.callback)
    contact = await permits.permit_of(tx.connection, interview.callback.callback_id, interview.permit_no)
    assert contact is not None, "an interview goes on by a permit"  # noqa: S101
    told = [
        await _told(tx, interview, form, contact, keys, status=status, final=final)
        for form in interview.parts
        if (status := form.status) is not None
    ]
    for event in told:
        tx.emit(event)
    await interviews.told(tx.connection, interview.callback.callback_id, ended_at=tx.now if final else None)
    if final:
        await links.use_all(tx.connection, [interview.callback.callback_id])
    if final and told:
        others = await permits.stoppable(tx.connection, [interview.callback.callback_id])
        spare = [permit for permit in others if permit.permit_no != interview.permit_no]
        await attempts.give_back(tx, spare, NotAttempted.ALREADY_ANSWERED)
    return told


async def finish(tx: Transaction, callback_ids: Sequence[str]) -> None:
    """Of these callbacks those that nothing can continue are told for the last time."""
    for callback_id in await interviews.unfinished(tx.connection, callback_ids):
        interview = await interview_of(tx.connection, tx.vault, callback_id)
        if interview is not None:
            await conclude(tx, interview, final=True)


async def _told(
    tx: Transaction,
    interview: Interview,
    form: PartForm,
    contact: Permit,
    keys: Keyring,
    *,
    status: ResponseStatus,
    final: bool,
) -> ResponseRecorded:
    callback, ref, month = interview.callback, interview.callback.customer_ref, interview.callback.month
    identifier = response_id(callback.callback_id, form.part.part_id)
    revision = await interviews.next_revision(tx.connection, identifier, status=status, final=final, now=tx.now)
    spoken = form.spoken()
    return ResponseRecorded(
        customer_ref=ref,
        completion_ref=callback.completion_ref,
        response_id=identifier,
        revision=revision,
        status=status,
        final=final,
        callback_id=callback.callback_id,
        permit_no=interview.permit_no,
        part_id=form.part.part_id,
        purpose=form.part.purpose,
        round=form.part.round,
        channel=interview.channel,
        channel_reason=contact.channel_reason,
        about=form.part.about,
        in_design=callback.in_design,
        questionnaire=form.questionnaire.id,
        questionnaire_version=form.questionnaire.version,
        content_hash=form.questionnaire.content_hash,
        answers=keys.seal_facts(month, ref, "answers", form.sheet(interview.marks).model_dump(mode="json")),
        texts=keys.seal_text(ref, "texts", spoken.model_dump(mode="json")) if spoken.texts else None,
        flags=flags(form),
        agent=interview.agent,
        started_at=interview.started_at,
        connected_at=interview.connected_at,
        ended_at=interview.heard_at or tx.now,
        recorded_at=tx.now,
        context=callback.context,
        narrative=callback.narrative,
    )


def _form(row: InterviewRow, told: ResponseRow, answers: list[AnswerRow], keys: Keyring) -> PartForm:
    ref = row.callback.customer_ref
    values = {answer.question_id: Answer.model_validate(keys.open(ref, "answer", answer.sealed)) for answer in answers}
    words = {answer.question_id: keys.open(ref, "said", answer.said) for answer in answers if answer.said is not None}
    return PartForm(
        part=next(part for part in row.callback.parts if part.part_id == told.part_id),
        questionnaire=catalogue.exactly(told.questionnaire, told.version),
        medium=row.medium,
        answers=values,
        texts={question_id: text for question_id, text in words.items() if text is not ERASED},
        elapsed_ms={answer.question_id: answer.elapsed_ms for answer in answers if answer.elapsed_ms is not None},
        revision=told.revision,
    )


def _interview(row: InterviewRow, forms: tuple[PartForm, ...], keys: Keyring) -> Interview:
    ref = row.callback.customer_ref
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


async def _keys(vault: Vault, callback: Callback) -> Keyring:
    return await vault.keyring(text=[callback.customer_ref], facts=[callback.month])
