"""The canonical answer to a question, however it was given."""

from functools import lru_cache
from typing import Any

from contracts.answers import Answer
from contracts.vocabulary import AnswerState, Dimension, QuestionKind
from services.survey.questionnaire import Question


def canonical(question: Question, state: AnswerState, **value: Any) -> Answer:
    """`value`: the one field that tells it, as `Answer` names it; none for words and for what was not answered."""
    named = next(iter(value.items()), None)
    return _answer(question.id, question.kind, state, question.dimension, question.alerts, named)


@lru_cache(maxsize=10_000)  # a few values for each question: thousands of interviews share them
def _answer(
    question_id: str,
    kind: QuestionKind,
    state: AnswerState,
    dimension: Dimension | None,
    alerts: bool,
    value: tuple[str, Any] | None,
) -> Answer:
    told = {} if value is None else dict([value])
    return Answer(question_id=question_id, kind=kind, state=state, dimension=dimension, alerts=alerts, **told)
