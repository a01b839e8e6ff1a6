"""The table form: one column per question, and each says whether its numbers are scores or telephone keys.

`overall.score` takes 5 for very satisfied, `overall.key` takes 1; a bare `overall` is refused, never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import AnswerState, QuestionKind, Score, Solved
from services.survey.interview import InvalidAnswer
from services.survey.keypad import pressed
from services.survey.questionnaire import Medium, Question, Questionnaire, Words
from services.survey.routing import plain

Cell = int | float | str | None
"""What a workbook or a CSV file holds in one place."""


class Unit(StrEnum):
    """What the cells of a column are."""

    SCORE = "score"
    KEY = "key"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True)
class Column:
    """`values`: what may stand in it, with its meaning; none for words."""

    question_id: str
    unit: Unit
    asks: str
    values: tuple[tuple[str, str], ...]
    required: bool

    @property
    def name(self) -> str:
        return f"{self.question_id}.{self.unit}"


class UnknownColumn(Exception):
    """A heading that is no column of this questionnaire, or one that does not say what its numbers are."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"column {name}: {rule}")
        self.name = name
        self.rule = rule


YES_OR_NO: dict[str, Words] = {
    Solved.YES: {"zh-CN": "是", "en": "Yes"},
    Solved.NO: {"zh-CN": "否", "en": "No"},
    Solved.UNSURE: {"zh-CN": "不确定", "en": "Not sure"},
}
STATES: dict[str, Words] = {
    AnswerState.NOT_ANSWERED: {"zh-CN": "未回答", "en": "Not answered"},
    AnswerState.REFUSED: {"zh-CN": "拒答", "en": "Refused"},
}
_COUNTED = (QuestionKind.RATING, QuestionKind.NPS)


def columns(questionnaire: Questionnaire, language: str) -> tuple[Column, ...]:
    """Those of the template, in the order of the questions; ratings as scores."""
    return tuple(
        Column(
            question_id=question.id,
            unit=_units(question)[0],
            asks=plain(question.say(language)),
            values=_values(question, language),
            required=question.required_on(Medium.SHEET),
        )
        for question in questionnaire.asked_on(Medium.SHEET)
    )


def read_heading(questionnaire: Questionnaire, name: str) -> tuple[Question, Unit]:
    """Which question a column answers, and in what. Raises `UnknownColumn`."""
    question_id, _, unit = name.strip().partition(".")
    question = questionnaire.question(question_id)
    if question is None or Medium.SHEET not in question.media:
        raise UnknownColumn(name, f"is no question of {questionnaire.id} version {questionnaire.version}")
    known = _units(question)
    if unit not in known:
        raise UnknownColumn(name, f"must say what it holds: {' or '.join(f'{question_id}.{one}' for one in known)}")
    return question, Unit(unit)


def read_cell(question: Question, unit: Unit, cell: Cell) -> int | str | AnswerState | None:
    """None for an empty cell. Raises `InvalidAnswer`, whose rule never holds what stood there."""
    text = _text(cell)
    if not text:
        return None
    state = _named(text, STATES)
    if state is not None:
        return AnswerState(state)
    match unit:
        case Unit.TEXT:
            return text
        case Unit.CHOICE:
            return _choice(question, text)
        case Unit.KEY:
            key = pressed(question, text)
            if key is None:
                raise InvalidAnswer(question.id, "is no key that the telephone menu offers")
            return key.value
        case Unit.SCORE:
            return _number(question, text)


def _units(question: Question) -> tuple[Unit, ...]:
    """The first one is that of the template."""
    if question.kind is QuestionKind.TEXT:
        return (Unit.TEXT,)
    own = Unit.SCORE if question.kind in _COUNTED else Unit.CHOICE
    return (own,) if question.ivr is None else (own, Unit.KEY)


def _values(question: Question, language: str) -> tuple[tuple[str, str], ...]:
    match question.kind:
        case QuestionKind.TEXT:
            return ()
        case QuestionKind.RATING:
            return tuple((str(score.value), question.labels[score.value][language]) for score in reversed(Score))
        case QuestionKind.NPS:
            ends = {0: question.low, 10: question.high}
            return tuple((str(value), (ends.get(value) or {}).get(language, "")) for value in range(10, -1, -1))
        case _:
            return tuple((key, words[language]) for key, words in _options(question).items())


def _options(question: Question) -> Mapping[str, Words]:
    return question.options if question.kind is QuestionKind.CHOICE else YES_OR_NO


def _choice(question: Question, text: str) -> str:
    found = _named(text, _options(question))
    if found is None:
        raise InvalidAnswer(question.id, f"must be one of {', '.join(_options(question))}")
    return found


def _number(question: Question, text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise InvalidAnswer(question.id, "must be a whole number")
    return int(text)


def _named(text: str, words: Mapping[str, Words]) -> str | None:
    """The key that is written here, or whose word in one of the languages is."""
    meant = text.casefold()
    named = (key for key, said in words.items() if meant in {key.casefold(), *(w.casefold() for w in said.values())})
    return next(named, None)


def _text(cell: Cell) -> str:
    """A workbook keeps 5 as 5.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
