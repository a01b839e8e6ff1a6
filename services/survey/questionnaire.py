"""A questionnaire as data: what is asked, in which words, when, and what must be heard.

A file is one version; published versions never change and are known by the hash of their content.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from contracts.vocabulary import Dimension, Purpose, QuestionKind, Score, Solved

LANGUAGES = ("zh-CN", "en")
CORE_QUESTIONS = range(3, 6)  # requirement SV1: 3 to 5
MAXIMUM_SECONDS = 180  # requirement SV1: at most 3 minutes

# What one question takes a customer on average, in seconds; texts are optional on every medium and counted by half.
SECONDS_FOR = {QuestionKind.RATING: 10, QuestionKind.NPS: 12, QuestionKind.SOLVED: 8, QuestionKind.APPROVAL: 8}
SECONDS_FOR |= {QuestionKind.CHOICE: 12, QuestionKind.TEXT: 20}


class Medium(StrEnum):
    """A rendering of the questionnaire; every contact channel uses one of them."""

    AGENT = "agent"
    WEB = "web"
    IVR = "ivr"
    SHEET = "sheet"


Words = dict[str, str]
"""A text by language."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class InvalidQuestionnaire(Exception):
    """A file that is not a questionnaire: which file, where in it, which rule."""

    def __init__(self, file: str, reasons: list[str]) -> None:
        super().__init__(f"{file}: " + "; ".join(reasons))
        self.file = file
        self.reasons = reasons


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Part):
    """Holds when any rating so far is at most `ratings_at_most`; or `question` got one of `is` or at most `at_most`."""

    ratings_at_most: Score | None = None
    question: str | None = None
    at_most: int | None = None
    answers: tuple[str, ...] = Field(default=(), alias="is")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        about_question = self.question is not None and (self.at_most is not None) != bool(self.answers)
        if about_question == (self.ratings_at_most is not None):
            raise ValueError("give ratings_at_most, or a question with either at_most or is")
        return self


class Question(_Part):
    """`core`: asked on every medium. `required`: when asked it must be settled before a record can be complete."""

    id: Name
    kind: QuestionKind
    text: Words
    note: Words | None = None
    dimension: Dimension | None = None
    scale: Name | None = None
    labels: dict[int, Words] = {}
    options: dict[Name, Words] = {}
    low: Words | None = None
    high: Words | None = None
    core: bool = False
    required: bool = False
    alerts: bool = False
    media: tuple[Medium, ...] = tuple(Medium)
    when: tuple[Condition, ...] = ()
    probe: Words | None = None
    probe_when: Literal["vague", "low"] | None = None
    limit: int = 500

    @property
    def must_be_settled(self) -> bool:
        return self.core or self.required

    @property
    def read_out(self) -> bool:
        """The agent reads the scale out: the customer does not see it."""
        return self.kind in (QuestionKind.RATING, QuestionKind.NPS)

    def say(self, language: str) -> str:
        """The question with its phrase marks (`|`)."""
        return self.text.get(language, self.text[LANGUAGES[0]])


class Questionnaire(_Part):
    id: Name
    version: Annotated[int, Field(ge=1)]
    purpose: Purpose
    title: Words
    answer_within_workdays: Annotated[int, Field(ge=1)]
    scales: dict[Name, dict[int, Words]] = {}
    script: dict[Literal["opening", "identity", "consent", "closing", "refusal", "soothing"], Words]
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    content_hash: str = ""

    @field_validator("questions", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        return tuple(given) if isinstance(given, list) else given

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)

    def asked_on(self, medium: Medium) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if medium in question.media)

    @property
    def seconds(self) -> int:
        """Estimated length without the questions that only some answers bring up."""
        return sum(SECONDS_FOR[question.kind] for question in self.questions if not question.when)


def parse(text: str, file: str) -> Questionnaire:
    """Raises `InvalidQuestionnaire` naming every fault found."""
    try:
        document = tomllib.loads(text)
        loaded = Questionnaire.model_validate({**document, "content_hash": content_hash(document)})
    except tomllib.TOMLDecodeError as error:
        raise InvalidQuestionnaire(file, [str(error)]) from None
    except ValidationError as error:
        found = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise InvalidQuestionnaire(file, found) from None
    reasons = _faults(loaded)
    if reasons:
        raise InvalidQuestionnaire(file, reasons)
    with_labels = [_labelled(question, loaded.scales) for question in loaded.questions]
    return loaded.model_copy(update={"questions": tuple(with_labels)})


def content_hash(document: Mapping[str, object]) -> str:
    """SHA-256 (hex) of the canonical JSON of the file: comments, spacing and the order of keys do not matter."""
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _labelled(question: Question, scales: Mapping[str, dict[int, Words]]) -> Question:
    return question if question.scale is None else question.model_copy(update={"labels": scales[question.scale]})


def _faults(questionnaire: Questionnaire) -> list[str]:
    """Rules that concern more than one field."""
    faults = [f"{path}: no text in {missing}" for path, missing in _untranslated(questionnaire)]
    if sum(question.core for question in questionnaire.questions) not in CORE_QUESTIONS:
        faults.append("questions: 3 to 5 of them must be core")
    if questionnaire.seconds > MAXIMUM_SECONDS:
        faults.append(f"questions: {questionnaire.seconds} s estimated, at most {MAXIMUM_SECONDS} s")
    if len({question.kind is QuestionKind.TEXT for question in questionnaire.questions}) != 2:
        faults.append("questions: open and closed questions must be mixed")
    seen: dict[str, Question] = {}
    for question in questionnaire.questions:
        faults += [f"questions.{question.id}: {rule}" for rule in _broken(question, questionnaire, seen)]
        seen[question.id] = question
    return faults


def _broken(question: Question, questionnaire: Questionnaire, earlier: Mapping[str, Question]) -> list[str]:
    rules = {
        "the id is used twice": question.id in earlier,
        "a rating needs a scale with labels 1 to 5": question.kind is QuestionKind.RATING
        and set(questionnaire.scales.get(question.scale or "", {})) != {score.value for score in Score},
        "only a rating has a scale, a dimension or alerts": question.kind is not QuestionKind.RATING
        and (question.scale, question.dimension, question.alerts) != (None, None, False),
        "a choice needs at least two options": question.kind is QuestionKind.CHOICE and len(question.options) < 2,
        "a core question is asked of everybody on every medium": question.core
        and bool(question.when or set(question.media) != set(Medium)),
        "a probe needs its moment (probe_when) and the other way round": (question.probe is None)
        != (question.probe_when is None),
        "a condition may only look at an earlier question": any(
            condition.question is not None and condition.question not in earlier for condition in question.when
        ),
        "a condition names an answer that its question does not offer": any(
            not _offered(condition, earlier) for condition in question.when
        ),
    }
    return [rule for rule, broken in rules.items() if broken]


def _offered(condition: Condition, earlier: Mapping[str, Question]) -> bool:
    about = earlier.get(condition.question or "")
    if about is None or not condition.answers:
        return True
    return set(condition.answers) <= ({word.value for word in Solved} | set(about.options))


def _untranslated(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    places: list[tuple[str, Words]] = [("title", questionnaire.title)]
    places += [(f"script.{name}", words) for name, words in questionnaire.script.items()]
    for name, scale in questionnaire.scales.items():
        places += [(f"scales.{name}.{value}", words) for value, words in scale.items()]
    for question in questionnaire.questions:
        texts = {"text": question.text, "note": question.note, "probe": question.probe, **question.options}
        places += [(f"questions.{question.id}.{field}", words) for field, words in texts.items() if words is not None]
    return [(path, language) for path, words in places for language in LANGUAGES if not words.get(language)]
