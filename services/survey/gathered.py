"""Answers gathered elsewhere: to which callback they belong, whether they make a whole record. No storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.answers import Answer
from contracts.vocabulary import AnswerState, Channel, Purpose, QuestionKind
from services.survey import routing
from services.survey.forms import Heard, blank, heard, with_answers
from services.survey.interview import Callback, Given, Interview, InvalidAnswer, Marks, PartForm
from services.survey.permits import STOPPABLE, Permit, PermitState
from services.survey.quality import Told, flags_of_row
from services.survey.questionnaire import Question

AHEAD = timedelta(minutes=5)  # clocks of two systems differ; the intake door allows as much


class Verdict(StrEnum):
    RECORDED = "recorded"
    REPEATED = "repeated"
    NOT_OPEN = "not_open"
    REFUSED = "refused"


@dataclass(frozen=True)
class Gathered:
    """One respondent's answers by question id, all heard at `answered_at`: a value, words, or why there is none.

    `told`: what a row of a file tells of its own making.
    """

    source: str
    service_id: str
    purpose: Purpose
    channel: Channel
    answered_at: datetime
    answers: Mapping[str, int | str | AnswerState]
    told: Told | None = None


@dataclass(frozen=True)
class Opening:
    """A permit with what is known of its callback: closed by scheduler, a link of it alive."""

    permit: Permit
    is_over: bool
    has_link: bool

    @property
    def is_open(self) -> bool:
        """Nobody is being called or written to at this moment, and an answer is still awaited."""
        return not self.is_over and (self.permit.state in STOPPABLE or self.has_link)


class RefusedAnswer(Exception):
    """What breaks a rule: the field, and the rule; never the value."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


def part_of(callback: Callback, purpose: Purpose) -> str | None:
    return next((part.part_id for part in callback.parts if part.purpose is purpose), None)


def contact_for(openings: Sequence[Opening]) -> Permit | None:
    """By which permit of one callback an answer from elsewhere counts: an open one, else that of a living link.

    None while a call or a message is on its way: what it brings comes first.
    """
    if any(one.permit.state in (PermitState.DIALLED, PermitState.SENDING) for one in openings):
        return None
    able = sorted(
        (one for one in openings if one.is_open),
        key=lambda one: (one.permit.state is PermitState.CLOSED, one.permit.permit_no),
    )
    return able[0].permit if able else None


def interview_by(permit: Permit, gathered: Gathered, known: Interview | None) -> Interview:
    """The callback's interview, begun or going on by this contact; what was heard before stays."""
    return interview_of(permit.callback, permit.permit_no, gathered, known)


def interview_of(callback: Callback, permit_no: int, gathered: Gathered, known: Interview | None = None) -> Interview:
    """As `interview_by`, for a callback with any or no contact."""
    medium = routing.medium_of(gathered.channel)
    told = gathered.told.connected_at if gathered.told is not None else None
    connected_at = told if told is not None and told <= gathered.answered_at else None
    if known is not None:
        parts = tuple(replace(form, medium=medium) for form in known.parts)
        return replace(
            known, permit_no=permit_no, channel=gathered.channel, medium=medium, agent=None,
            connected_at=connected_at, identity_at=None, consent_at=None, parts=parts,
        )  # fmt: skip
    return Interview(
        callback=callback,
        permit_no=permit_no,
        channel=gathered.channel,
        medium=medium,
        agent=None,
        started_at=gathered.answered_at,
        connected_at=connected_at,
        identity_at=None,
        consent_at=None,
        heard_at=None,
        ended_at=None,
        marks=Marks(),
        parts=blank(callback, medium),
    )


def filled(interview: Interview, part_id: str, gathered: Gathered, *, now: datetime) -> Interview:
    """The interview with these answers, each asked in its turn. Raises `RefusedAnswer`."""
    if gathered.answered_at > now + AHEAD:
        raise RefusedAnswer("answered_at", "must not lie in the future")
    form = _answered(interview.part(part_id), gathered.answers)
    _demand_whole(form)
    if gathered.told is not None:
        form = replace(form, noticed=flags_of_row(form, gathered.told))
    return replace(interview, heard_at=min(gathered.answered_at, now)).with_part(form)


def _answered(form: PartForm, said: Mapping[str, int | str | AnswerState]) -> PartForm:
    unknown = set(said) - {question.id for question in form.questionnaire.questions}
    if unknown:
        raise RefusedAnswer(f"answers.{min(unknown)}", "is no question of this questionnaire")
    new: dict[str, Heard] = {}
    answers: dict[str, Answer] = {}
    for question in form.questionnaire.questions:
        asked = form.medium in question.media and routing.brought_up(question, answers)
        if question.id in said:
            if not asked:
                raise RefusedAnswer(f"answers.{question.id}", "is not asked after these answers or on this channel")
            new[question.id] = _heard(question, _given(question, said[question.id]))
            answers[question.id] = new[question.id].answer
        elif asked and question.id in form.answers:
            answers[question.id] = form.answers[question.id]
    return with_answers(form, new)


def _heard(question: Question, given: Given) -> Heard:
    try:
        return heard(question, given)
    except InvalidAnswer as wrong:
        raise RefusedAnswer(f"answers.{wrong.question_id}", wrong.rule) from None


def _given(question: Question, value: int | str | AnswerState) -> Given:
    if isinstance(value, AnswerState):
        return Given(state=value)
    if question.kind is QuestionKind.TEXT and isinstance(value, str):
        return Given(text=value)
    return Given(value=value)


def _demand_whole(form: PartForm) -> None:
    missing = routing.missing_of(form.asked, form.medium, form.answers)
    if missing:
        raise RefusedAnswer(f"answers.{missing[0].id}", "is required")
    if form.status is None:
        raise RefusedAnswer("answers", "nothing is answered")
