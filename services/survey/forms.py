"""The parts of a callback as forms: empty ones, and one answer taken. No storage."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from contracts.answers import Answer
from services.survey import catalogue
from services.survey.checking import checked
from services.survey.interview import Callback, Given, Interview, InvalidAnswer, PartForm
from services.survey.questionnaire import Medium, Question


def blank(callback: Callback, medium: Medium) -> tuple[PartForm, ...]:
    """The callback's parts with their newest questionnaires, nothing heard."""
    return tuple(
        PartForm(part=part, questionnaire=catalogue.newest(part.questionnaire), medium=medium)
        for part in callback.parts
    )


def taken(interview: Interview, part_id: str, question_id: str, given: Given, at: datetime) -> Interview:
    """The interview with this answer, heard at `at`. Raises `InvalidAnswer`."""
    form = interview.part(part_id)
    question = form.questionnaire.question(question_id)
    if question is None or form.medium not in question.media:
        raise InvalidAnswer(question_id, "is not asked here")
    return replace(interview, heard_at=at).with_part(with_answer(form, question, given))


class Heard(NamedTuple):
    """One answer that its question offers."""

    answer: Answer
    words: str | None
    elapsed_ms: int | None


def heard(question: Question, given: Given) -> Heard:
    """Raises `InvalidAnswer`."""
    answer, words = checked(question, given)
    return Heard(answer, words, given.elapsed_ms)


def with_answer(form: PartForm, question: Question, given: Given) -> PartForm:
    """The form with this answer in the place of an earlier one. Raises `InvalidAnswer`."""
    return with_answers(form, {question.id: heard(question, given)})


def with_answers(form: PartForm, new: Mapping[str, Heard]) -> PartForm:
    """The form with these answers, by question id, in the place of earlier ones."""
    texts = {name: text for name, text in form.texts.items() if name not in new}
    texts |= {name: one.words for name, one in new.items() if one.words}
    elapsed = {name: spent for name, spent in form.elapsed_ms.items() if name not in new}
    elapsed |= {name: one.elapsed_ms for name, one in new.items() if one.elapsed_ms is not None}
    answers = {**form.answers, **{name: one.answer for name, one in new.items()}}
    return replace(form, answers=answers, texts=texts, elapsed_ms=elapsed)
