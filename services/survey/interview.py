"""One interview: what was asked and heard for one callback, whatever the channel. Values and rules, no storage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from contracts.answers import Answer, AnswerSheet, AnswerTexts
from contracts.events.parts import CallbackPart
from contracts.events.survey import QualityFlag
from contracts.ids import named_id
from contracts.vocabulary import (
    AnswerState,
    CallbackId,
    Channel,
    CompletionRef,
    CustomerRef,
    Disposition,
    Mood,
    QuestionKind,
    ResponseId,
    ResponseStatus,
    Scenario,
    Score,
    Sealed,
    Solved,
)
from services.survey import routing
from services.survey.questionnaire import Medium, Outcome, Question, Questionnaire

IDLE = timedelta(minutes=10)  # events.md, "Responses": what was heard so far is told after 10 minutes without an answer


OWN_RECORD = 0  # in the place of a permit's number: answers that came by no contact of ours


class InvalidAnswer(Exception):
    """An answer that its question does not offer; `rule` never holds the value."""

    def __init__(self, question_id: str, rule: str) -> None:
        super().__init__(f"question {question_id}: {rule}")
        self.question_id = question_id
        self.rule = rule


@dataclass(frozen=True)
class Callback:
    callback_id: CallbackId
    customer_ref: CustomerRef
    completion_ref: CompletionRef
    source: str
    service_id: str
    scenario: Scenario
    month: str
    parts: tuple[CallbackPart, ...]
    in_design: bool
    context: Sealed
    narrative: Sealed | None


class Given(NamedTuple):
    """What came in for one question: a score, never a telephone key."""

    value: int | str | None = None
    text: str | None = None
    state: AnswerState = AnswerState.ANSWERED
    elapsed_ms: int | None = None


@dataclass(frozen=True)
class Marks:
    """What the agent noted beside the answers."""

    mood: Mood | None = None
    negative_remarks: bool = False
    problem_type: str | None = None


@dataclass(frozen=True)
class PartForm:
    """One part of the callback, as heard so far; gives one response. `noticed`: flags of who brought the answers."""

    part: CallbackPart
    questionnaire: Questionnaire
    medium: Medium
    answers: Mapping[str, Answer] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    elapsed_ms: Mapping[str, int] = field(default_factory=dict)
    noticed: tuple[QualityFlag, ...] = ()
    revision: int = 0

    @cached_property
    def asked(self) -> tuple[Question, ...]:
        """Every question that the answers so far bring up."""
        return routing.route(self.questionnaire, self.medium, self.answers)

    @cached_property
    def status(self) -> ResponseStatus | None:
        return routing.status_of(self.asked, self.medium, self.answers)

    def sheet(self, marks: Marks) -> AnswerSheet:
        return AnswerSheet(
            answers=routing.sheet_of(self.questionnaire, self.asked, self.answers),
            mood=marks.mood,
            negative_remarks=marks.negative_remarks,
            problem_type=marks.problem_type,
        )

    def spoken(self) -> AnswerTexts:
        """Texts of the questions that still apply."""
        return AnswerTexts(
            texts={question.id: self.texts[question.id] for question in self.asked if question.id in self.texts}
        )


@dataclass(frozen=True)
class Step:
    part_id: str
    question: Question


@dataclass(frozen=True)
class Interview:
    """`ended_at`: nothing more is taken. `permit_no`, `channel`, `agent`: the contact it goes on with now."""

    callback: Callback
    permit_no: int
    channel: Channel
    medium: Medium
    agent: str | None
    started_at: datetime
    connected_at: datetime | None
    identity_at: datetime | None
    consent_at: datetime | None
    heard_at: datetime | None
    ended_at: datetime | None
    marks: Marks
    parts: tuple[PartForm, ...]

    def part(self, part_id: str) -> PartForm:
        """Raises `InvalidAnswer` when the callback has no such part."""
        for form in self.parts:
            if form.part.part_id == part_id:
                return form
        raise InvalidAnswer(part_id, "the callback has no such part")

    def with_part(self, changed: PartForm) -> "Interview":
        kept = tuple(changed if form.part.part_id == changed.part.part_id else form for form in self.parts)
        return replace(self, parts=kept)

    def steps(self) -> tuple[Step, ...]:
        """Every question to put, in strict order, part after part."""
        return tuple(Step(form.part.part_id, question) for form in self.parts for question in form.asked)

    def is_settled(self, step: Step) -> bool:
        return routing.settled(step.question, self.part(step.part_id).answers)

    def next_step(self) -> Step | None:
        return next((step for step in self.steps() if not self.is_settled(step)), None)

    def missing(self, outcome: Outcome = Disposition.COMPLETE) -> tuple[Step, ...]:
        """What keeps the record from being closed with this outcome."""
        return tuple(
            Step(form.part.part_id, question)
            for form in self.parts
            for question in routing.missing_of(form.asked, form.medium, form.answers, outcome)
        )

    def disposition_now(self) -> Disposition:
        """What would be recorded if the contact ended at this moment."""
        statuses = [form.status for form in self.parts]
        if all(status is ResponseStatus.COMPLETE for status in statuses):
            return Disposition.COMPLETE
        heard = any(status is not None for status in statuses)
        return Disposition.PARTIAL if heard and not self.missing(Disposition.PARTIAL) else Disposition.BREAK_OFF

    def gave_low_score(self) -> bool:
        """A rating of 1 or 2 on a question that raises an alert: somebody will answer for it."""
        answers = (answer for form in self.parts for answer in form.sheet(self.marks).answers)
        return any(answer.alerts and (answer.score or Score.VERY_SATISFIED) <= Score.DISSATISFIED for answer in answers)


def response_id(callback_id: str, part_id: str) -> ResponseId:
    """One response per part of a callback, however often and on whatever channel it is asked."""
    return ResponseId(named_id("response", callback_id, part_id))


def checked(question: Question, given: Given) -> tuple[Answer, str | None]:
    """The canonical answer and its words. Raises `InvalidAnswer` naming the rule that is broken."""
    if given.state is AnswerState.NOT_ASKED:
        raise InvalidAnswer(question.id, "an answer cannot say that it was not asked")
    if given.state is not AnswerState.ANSWERED:
        if given.value is not None or given.text:
            raise InvalidAnswer(question.id, f"{given.state} takes no value and no text")
        return _answer(question, given.state), None
    if question.kind is QuestionKind.TEXT:
        words = _words(question, given)
        return _answer(question, AnswerState.ANSWERED), words
    name, read = _VALUES[question.kind]
    if given.text:
        raise InvalidAnswer(question.id, "takes no text")
    return _answer(question, AnswerState.ANSWERED, **{name: read(question, given.value)}), None


def _answer(question: Question, state: AnswerState, **value: Any) -> Answer:
    return Answer(
        question_id=question.id, kind=question.kind, state=state, dimension=question.dimension, alerts=question.alerts,
        **value,
    )  # fmt: skip


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
