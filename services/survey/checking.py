"""Whether an answer is one that its question offers; the canonical answer of what is."""

from collections.abc import Callable

from contracts.answers import Answer
from contracts.vocabulary import AnswerState, QuestionKind, Score, Solved
from services.survey.canonical import canonical
from services.survey.interview import Given, InvalidAnswer
from services.survey.questionnaire import Question


def checked(question: Question, given: Given) -> tuple[Answer, str | None]:
    """The canonical answer and its words. Raises `InvalidAnswer` naming the rule that is broken."""
    if given.state is AnswerState.NOT_ASKED:
        raise InvalidAnswer(question.id, "an answer cannot say that it was not asked")
    if given.state is not AnswerState.ANSWERED:
        if given.value is not None or given.text:
            raise InvalidAnswer(question.id, f"{given.state} takes no value and no text")
        return canonical(question, given.state), None
    if question.kind is QuestionKind.TEXT:
        words = _words(question, given)
        return canonical(question, AnswerState.ANSWERED), words
    name, read = _VALUES[question.kind]
    if given.text:
        raise InvalidAnswer(question.id, "takes no text")
    return canonical(question, AnswerState.ANSWERED, **{name: read(question, given.value)}), None


def _words(question: Question, given: Given) -> str:
    words = (given.text or "").strip()
    if given.value is not None:
        raise InvalidAnswer(question.id, "takes text, not a value")
    if not words:
        raise InvalidAnswer(question.id, "needs some text")
    if len(words) > question.limit:
        raise InvalidAnswer(question.id, f"takes at most {question.limit} characters")
    return words


def _number(question: Question, value: int | str | None, allowed: range) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise InvalidAnswer(question.id, f"must be a whole number from {allowed.start} to {allowed.stop - 1}")
    return value


def _score(question: Question, value: int | str | None) -> Score:
    return Score(_number(question, value, range(1, 6)))


def _likelihood(question: Question, value: int | str | None) -> int:
    return _number(question, value, range(11))


def _solved(question: Question, value: int | str | None) -> Solved:
    if value not in tuple(Solved):
        raise InvalidAnswer(question.id, "must be yes, no or unsure")
    return Solved(value)


def _choice(question: Question, value: int | str | None) -> str:
    if not isinstance(value, str) or value not in question.options:
        raise InvalidAnswer(question.id, "must be one of the options offered")
    return value


_VALUES: dict[QuestionKind, tuple[str, Callable[[Question, int | str | None], object]]] = {
    QuestionKind.RATING: ("score", _score),
    QuestionKind.NPS: ("likelihood", _likelihood),
    QuestionKind.SOLVED: ("solved", _solved),
    QuestionKind.APPROVAL: ("solved", _solved),
    QuestionKind.CHOICE: ("choice", _choice),
}
