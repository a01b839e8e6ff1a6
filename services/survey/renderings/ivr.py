"""The telephone menu as a plan: prompts, keys and what they stand for. What runs a call reads nothing else."""

import json
from dataclasses import asdict, dataclass
from typing import get_args

from contracts.vocabulary import QuestionKind
from services.survey.keypad import MOST_DIGITS
from services.survey.questionnaire import Condition, Entry, Medium, MenuLine, Question, Questionnaire

PROMPTS = 3  # requirement SV6: a wrong key or silence is prompted for twice more


class NotOffered(Exception):
    """The questionnaire has no telephone menu."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        super().__init__(f"{questionnaire.id} version {questionnaire.version} has no telephone menu: it has no [ivr]")


@dataclass(frozen=True)
class Prompt:
    """`answers` by key; a number is entered where there are none. `when`: conditions of which one must hold."""

    question_id: str
    kind: QuestionKind
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
