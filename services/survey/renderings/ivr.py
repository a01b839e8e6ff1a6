"""The telephone menu as a plan: prompts, keys and what they stand for. What runs a call reads nothing else."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import get_args

from contracts.vocabulary import Dimension, QuestionKind, Score
from services.survey.keypad import MOST_DIGITS
from services.survey.questionnaire import Condition, Entry, Medium, MenuLine, Question, Questionnaire

PROMPTS = 3  # requirement SV6: a wrong key or silence is prompted for twice more


class Band(StrEnum):
    """Which kind of tune a rating calls for."""

    CHEERFUL = "cheerful"
    SOOTHING = "soothing"


@dataclass(frozen=True)
class Ending:
    """What follows a rating: a tune, a human voice, or the rest of the questions."""

    tune: Band | None = None
    transfer: bool = False
    goes_on: bool = False


# requirement SV6; reading 2: 1 and 2 are both transferred, and soothed before
ENDINGS: Mapping[Score, Ending] = {
    Score.VERY_SATISFIED: Ending(tune=Band.CHEERFUL),
    Score.SATISFIED: Ending(goes_on=True),
    Score.AVERAGE: Ending(goes_on=True),
    Score.DISSATISFIED: Ending(tune=Band.SOOTHING, transfer=True),
    Score.VERY_DISSATISFIED: Ending(tune=Band.SOOTHING, transfer=True),
}


@dataclass(frozen=True)
class Times:
    """Seconds. `silence`: after a prompt; `pause`: after the last key of a number; `correction`: in which a slip is
    replaced; `transfer`: how long an agent's telephone rings."""

    silence: float = 6.0
    pause: float = 3.0
    correction: float = 2.0
    transfer: float = 25.0


class NotOffered(Exception):
    """The questionnaire has no telephone menu."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        super().__init__(f"{questionnaire.id} version {questionnaire.version} has no telephone menu: it has no [ivr]")


@dataclass(frozen=True)
class Prompt:
    """`answers` by key; a number is entered where there are none. `when`: conditions of which one must hold."""

    question_id: str
    kind: QuestionKind
    dimension: Dimension | None
    say: str
    entry: Entry
    most_digits: int
    answers: dict[str, int | str]
    core: bool
    required: bool
    when: tuple[dict[str, object], ...]


@dataclass(frozen=True)
class Plan:
    questionnaire: str
    version: int
    content_hash: str
    language: str
    lines: dict[str, str]
    prompts_at_most: int
    prompts: tuple[Prompt, ...]
    endings: Mapping[Score, Ending] = field(default_factory=lambda: dict(ENDINGS))
    times: Times = Times()

    def prompt(self, question_id: str) -> Prompt | None:
        return next((prompt for prompt in self.prompts if prompt.question_id == question_id), None)

    @property
    def rating(self) -> Prompt | None:
        """The question whose answer chooses the ending."""
        return next((prompt for prompt in self.prompts if prompt.dimension is Dimension.OVERALL), None)


def ivr_plan(questionnaire: Questionnaire, language: str) -> Plan:
    """Raises `NotOffered`."""
    if Medium.IVR not in questionnaire.offered:
        raise NotOffered(questionnaire)
    return Plan(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        content_hash=questionnaire.content_hash,
        language=language,
        lines={line: questionnaire.ivr[line][language] for line in get_args(MenuLine)},
        prompts_at_most=PROMPTS,
        prompts=tuple(_prompt(question, language) for question in questionnaire.asked_on(Medium.IVR)),
    )


def as_json(plan: Plan) -> str:
    return json.dumps(asdict(plan), ensure_ascii=False, indent=2) + "\n"


def _prompt(question: Question, language: str) -> Prompt:
    assert question.ivr is not None, "the rules of a questionnaire demand it"  # noqa: S101
    return Prompt(
        question_id=question.id,
        kind=question.kind,
        dimension=question.dimension,
        say=question.ivr.prompt[language],
        entry=question.ivr.entry,
        most_digits=MOST_DIGITS if question.ivr.entry is Entry.NUMBER else 1,
        answers={key.value: answer for key, answer in question.ivr.digits.items()},
        core=question.core,
        required=question.required_on(Medium.IVR),
        when=tuple(_condition(condition) for condition in question.when),
    )


def _condition(condition: Condition) -> dict[str, object]:
    return condition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
