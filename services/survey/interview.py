"""One interview: what was asked and heard for one callback, whatever the channel. Values and rules, no storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

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
    ResponseId,
    ResponseStatus,
    Scenario,
    Score,
    Sealed,
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
class Course:
    """How far an interview has come. `ended_at`: nothing more is taken. `permit_no`, `channel`, `agent`: the contact it
    goes on with now."""

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


@dataclass(frozen=True)
class Interview(Course):
    """The course with all that was heard."""

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
