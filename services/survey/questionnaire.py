"""A questionnaire as data: what is asked, in which words, when, and what must be heard.

A file is one version; published versions never change and are known by the hash of their content.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from contracts.vocabulary import Digit, Dimension, Disposition, Purpose, QuestionKind, Score

LANGUAGES = ("zh-CN", "en")

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
Terms = dict[str, tuple[str, ...]]
"""Words by language."""
Outcome = Literal[Disposition.COMPLETE, Disposition.PARTIAL]
"""How a contact ends whose answers enter the figures; a break-off and a refusal ask for nothing."""


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


class Probe(_Part):
    """What the agent asks once more, after an answer that says little: one of `words` alone, `scores` or `is`.

    `vague`: the name of a list of the questionnaire whose words count too.
    """

    say: Words
    vague: Name | None = None
    words: Terms = {}
    scores: tuple[Score, ...] = ()
    answers: tuple[str, ...] = Field(default=(), alias="is")

    @model_validator(mode="after")
    def _has_an_occasion(self) -> Self:
        if not (self.vague or self.words or self.scores or self.answers):
            raise ValueError("give vague, words, scores or is: without one it is never said")
        return self


class Entry(StrEnum):
    """How a caller answers on a telephone."""

    ONE_KEY = "one_key"
    NUMBER = "number"
    """One or two digits, ended by `#` or a pause."""


class Keypad(_Part):
    """A question of the telephone menu. The digits mean what this prompt says, never a score.

    `digits`: by key the answer that it stands for: a score, yes, no, unsure, or the key of an option.
    """

    prompt: Words
    entry: Entry = Entry.ONE_KEY
    digits: dict[Digit, int | str] = {}


class Section(_Part):
    """Questions that belong together and follow each other."""

    id: Name
    title: Words


class Question(_Part):
    """`core`: asked on every medium. `required`: when asked it must be settled before a record can be complete."""

    id: Name
    kind: QuestionKind
    text: Words
    section: Name | None = None
    topic: Words | None = None
    """Its short name, for lists and columns."""
    note: Words | None = None
    dimension: Dimension | None = None
    scale: Name | None = None
    labels: dict[int, Words] = {}
    scale_said: Words | None = None
    """The questionnaire's `read_out` for its kind."""
    options: dict[Name, Words] = {}
    low: Words | None = None
    high: Words | None = None
    core: bool = False
    required: bool = False
    required_for: dict[Outcome, tuple[Medium, ...]] = {}
    """Instead of `required`: for which outcome on which medium it must be settled."""
    alerts: bool = False
    media: tuple[Medium, ...] = tuple(Medium)
    when: tuple[Condition, ...] = ()
    probe: Words | None = None
    probe_when: Literal["vague", "low"] | None = None
    probes: tuple[Probe, ...] = ()
    """The first one that fits is said. `probe` with `probe_when` is the older form of one."""
    ivr: Keypad | None = None
    limit: int = 500

    @property
    def must_be_settled(self) -> bool:
        """Before a record can be complete, on some medium; `required_on` says it of one."""
        return self.core or self.required or bool(self.required_for.get(Disposition.COMPLETE))

    def required_on(self, medium: Medium, outcome: Outcome = Disposition.COMPLETE) -> bool:
        if self.core or not self.required_for:
            return self.core or self.required
        return medium in self.required_for.get(outcome, ())

    @property
    def read_out(self) -> bool:
        """The agent reads the scale out: the customer does not see it."""
        return self.kind in (QuestionKind.RATING, QuestionKind.NPS)

    def say(self, language: str) -> str:
        """The question with its phrase marks (`|`)."""
        return self.text.get(language, self.text[LANGUAGES[0]])

    def scale_line(self, language: str) -> str | None:
        """The scale as the agent reads it out; None without words for it."""
        low, high = (self.labels.get(1), self.labels.get(5)) if self.labels else (self.low, self.high)
        if self.scale_said is None or low is None or high is None:
            return None
        return self.scale_said[language].format(low=low[language], high=high[language])


ScriptLine = Literal["opening", "identity", "consent", "closing", "refusal", "soothing"]
MenuLine = Literal["opening", "tune", "again", "closing", "soothing"]


class Questionnaire(_Part):
    id: Name
    version: Annotated[int, Field(ge=1)]
    purpose: Purpose
    title: Words
    answer_within_workdays: Annotated[int, Field(ge=1)]
    media: tuple[Medium, ...] = tuple(Medium)
    """Where it may be asked; by telephone menu only with `ivr`."""
    scales: dict[Name, dict[int, Words]] = {}
    vague: dict[Name, Terms] = {}
    read_out: dict[QuestionKind, Words] = {}
    """The scale as the agent says it, with {low} and {high}."""
    script: dict[ScriptLine, Words]
    ivr: dict[MenuLine, Words] = {}
    """The telephone menu around the questions; `tune` discloses that the rating chooses the ending tune."""
    sections: tuple[Section, ...] = ()
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    content_hash: str = ""

    @field_validator("questions", "sections", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        return tuple(given) if isinstance(given, list) else given

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)

    def asked_on(self, medium: Medium) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if medium in question.media)

    @property
    def offered(self) -> tuple[Medium, ...]:
        """The media for which it has all that is needed."""
        return tuple(medium for medium in self.media if medium is not Medium.IVR or self.ivr)

    @property
    def seconds(self) -> int:
        """Estimated length without the questions that only some answers bring up."""
        return sum(SECONDS_FOR[question.kind] for question in self.questions if not question.when)

    def resolved(self) -> Self:
        """With labels, the words of the scale, and lists of vague words where questions name them."""
        return self.model_copy(update={"questions": tuple(_resolved(question, self) for question in self.questions)})


def _resolved(question: Question, of: Questionnaire) -> Question:
    probes = tuple(
        probe if probe.vague is None else probe.model_copy(update={"words": _both(of.vague[probe.vague], probe.words)})
        for probe in question.probes
    )
    labels = question.labels if question.scale is None else of.scales[question.scale]
    return question.model_copy(
        update={"labels": labels, "probes": probes, "scale_said": of.read_out.get(question.kind)}
    )


def _both(listed: Terms, own: Terms) -> Terms:
    return {language: (*listed.get(language, ()), *own.get(language, ())) for language in {*listed, *own}}
