"""What the agent API takes and gives."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from contracts.vocabulary import AgreedAgent, AnswerState, Disposition, Mood, Priority, Purpose, QuestionKind, Scenario
from services.survey.leases import LeaseState
from services.survey.permits import LinkWay
from services.survey.promises import PromiseKind

Instant = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))
]  # beyond, no zone can be told
Short = Annotated[str, Field(min_length=1, max_length=100)]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LeaseOut(_Out):
    """`due_at`: before dialling it goes back to the queue then; later the call ends as break-off."""

    callback_id: str
    permit_no: int
    agent: str
    state: LeaseState
    due_at: AwareDatetime


class QueueRowOut(_Out):
    callback_id: str
    permit_no: int
    priority: Priority
    address: str
    level: str | None
    scenario: Scenario
    purposes: list[Purpose]
    product: str | None
    window_ends: AwareDatetime
    attempt: int
    attempt_limit: int
    skill: str
    reserved: bool
    claimable: bool
    held_by: str | None


class QueueOut(_Out):
    now: AwareDatetime
    waiting: int
    next_start: AwareDatetime | None
    held: LeaseOut | None
    rows: list[QueueRowOut]


class StepOut(_Out):
    part_id: str
    question_id: str


class CallState(_Out):
    """How the call stands: the next question, what would be recorded now, and what keeps it from being complete."""

    state: LeaseState
    due_at: AwareDatetime
    connected_at: AwareDatetime | None
    identity_at: AwareDatetime | None
    consent_at: AwareDatetime | None
    next: StepOut | None
    disposition_now: Disposition
    missing: list[StepOut]
    probe: str | None = None
    possible: list[Disposition]
    saved_at: AwareDatetime


class CustomerOut(_Out):
    address: str
    phone: str | None
    level: str | None
    language: str


class ServiceOut(_Out):
    service_type: str | None
    product: str | None
    completed_at: AwareDatetime
    handled_at: AwareDatetime | None
    handler: str | None
    team: str | None
    region: str | None
    channel: str | None
    registration_channel: str | None
    complaint_level: str | None
    problem_type: str | None
    progress: str | None
    complaint: str | None
    history: list[dict[str, str | None]]
    attributes: dict[str, JsonValue]


class QuestionOut(_Out):
    """`value`: the score, likelihood, solved or choice that was given; `words`: the text."""

    id: str
    kind: QuestionKind
    text: str
    note: str | None
    read_out: bool
    labels: dict[int, str]
    options: dict[str, str]
    required: bool
    core: bool
    limit: int
    state: AnswerState
    value: int | str | None
    words: str | None


class PartOut(_Out):
    part_id: str
    purpose: Purpose
    round: int
    questionnaire: str
    version: int
    title: str
    script: dict[str, str]
    progress: str | None
    questions: list[QuestionOut]


class PromiseOut(_Out):
    promise_id: str
    what: str | None
    department: str
    due_at: AwareDatetime
    made_by: str


class ContactedOut(_Out):
    disposition: str
    channel: str
    ended_at: AwareDatetime
    agent: str | None


class SheetOut(_Out):
    callback_id: str
    permit_no: int
    lease: LeaseOut | None
    scenario: Scenario
    priority: Priority
    zone: str
    window_ends: AwareDatetime
    maximum_minutes: int
    attempt: int
    attempt_limit: int
    customer: CustomerOut
    service: ServiceOut
    parts: list[PartOut]
    promises: list[PromiseOut]
    last_contacts: list[ContactedOut]
    call: CallState | None


class DialledOut(_Out):
    """`placed`: the exchange rings the agent's telephone, then the customer's; otherwise the agent dials."""

    phone: str
    placed: bool = False
    lease: LeaseOut


class AnswerIn(_In):
    """A score is a score, never a telephone key."""

    state: AnswerState = AnswerState.ANSWERED
    value: int | str | None = None
    text: Annotated[str, Field(max_length=4000)] | None = None
    elapsed_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None


class AnswerOfIn(AnswerIn):
    part_id: Short
    question_id: Short


class AnswersIn(_In):
    answers: Annotated[list[AnswerOfIn], Field(min_length=1, max_length=100)]


class MarksIn(_In):
    mood: Mood | None = None
    negative_remarks: bool = False
    problem_type: Short | None = None


class PromiseIn(_In):
    what: Annotated[str, Field(min_length=1, max_length=500)]
    department: Short
    workdays: Annotated[int, Field(ge=1, le=30)]
    part_id: Short | None = None
    key: Short | None = None
    kind: PromiseKind = PromiseKind.PROMISE


class PromisedOut(_Out):
    promise_id: str
    due_at: AwareDatetime


class WrapUpIn(_In):
    disposition: Disposition
    agreed_at: Instant | None = None
    agreed_agent: AgreedAgent = AgreedAgent.ANY
    online_consented: bool = False
    online_channel: Annotated[LinkWay | None, Field(description="by which way the link goes; none said: e-mail")] = None


class WrappedUpOut(_Out):
    disposition: Disposition
    closed_at: AwareDatetime
