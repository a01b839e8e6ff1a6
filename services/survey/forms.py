"""The parts of a callback as forms: empty ones, and one answer taken. No storage."""

from dataclasses import replace
from datetime import datetime

from services.survey import catalogue
from services.survey.interview import Callback, Given, Interview, InvalidAnswer, PartForm, checked
from services.survey.questionnaire import Medium


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
    if question is None or question not in form.questionnaire.asked_on(form.medium):
        raise InvalidAnswer(question_id, "is not asked here")
    value, words = checked(question, given)
    texts = {**form.texts, question_id: words} if words else {k: v for k, v in form.texts.items() if k != question_id}
    elapsed = {k: v for k, v in form.elapsed_ms.items() if k != question_id}
    if given.elapsed_ms is not None:
        elapsed[question_id] = given.elapsed_ms
    changed = replace(form, answers={**form.answers, question_id: value}, texts=texts, elapsed_ms=elapsed)
    return replace(interview, heard_at=at).with_part(changed)
