"""The parts of a callback as forms: empty ones, and one answer taken. No storage."""

from dataclasses import replace
from datetime import datetime

from services.survey import catalogue
from services.survey.interview import Callback, Given, Interview, InvalidAnswer, PartForm, checked
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


def with_answer(form: PartForm, question: Question, given: Given) -> PartForm:
    """The form with this answer in the place of an earlier one. Raises `InvalidAnswer`."""
    value, words = checked(question, given)
    texts = {name: text for name, text in form.texts.items() if name != question.id}
    if words:
        texts[question.id] = words
    elapsed = {name: spent for name, spent in form.elapsed_ms.items() if name != question.id}
    if given.elapsed_ms is not None:
        elapsed[question.id] = given.elapsed_ms
    return replace(form, answers={**form.answers, question.id: value}, texts=texts, elapsed_ms=elapsed)
