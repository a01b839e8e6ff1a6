"""What followup tells: cases, promises, improvements, and the wish for a second callback."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from contracts.envelope import CompletionEvent, Event
from contracts.events.parts import About
from contracts.vocabulary import (
    CaseId,
    CaseState,
    Channel,
    ClosedAs,
    ItemId,
    PromiseId,
    PromiseState,
    Purpose,
    RequestState,
    ResponseId,
    Sealed,
    Severity,
)


class CaseChanged(CompletionEvent):
    topic: ClassVar[str] = "case-changed"

    case_id: CaseId
    revision: int
    item_id: ItemId
    response_id: ResponseId
    state: CaseState
    department: str
    owner: str | None = None
    severity: Severity
    opened_at: AwareDatetime
    due_at: AwareDatetime
    changed_at: AwareDatetime
    closed_as: ClosedAs | None = None
    root_cause: str | None = None
    action: str | None = None
    evidence: tuple[str, ...] = ()
    """Attempt or delivery ids that the service verified."""
    escalation: int = 0
    """Rung of the ladder that has heard of it; 0: none."""
    leader: CaseId | None = None
    """The case of the same customer that this one was merged into."""


class PromiseChanged(CompletionEvent):
    topic: ClassVar[str] = "promise-changed"

    promise_id: PromiseId
    revision: int
    response_id: ResponseId
    case_id: CaseId | None = None
    state: PromiseState
    department: str
    due_at: AwareDatetime
    changed_at: AwareDatetime
    evidence: str | None = None


class ImprovementChanged(Event):
    """An improvement measure concerns no single customer: keyed by its own id."""

    topic: ClassVar[str] = "improvement-changed"

    improvement_id: str
    revision: int
    period: str
    row: str
    """The row of the report it answers."""
    measure: str | None = None
    """The house's own words; no customer is named in them."""
    department: str | None = None
    owner: str
    due_on: date
    state: str
    changed_at: AwareDatetime

    def key(self) -> str:
        return self.improvement_id


class CallbackRequested(CompletionEvent):
    """A wish for a second contact. Idempotent by (request_id, revision)."""

    topic: ClassVar[str] = "callback-requested"

    request_id: str
    revision: int
    state: RequestState
    purpose: Purpose
    about: About
    not_before: AwareDatetime
    deadline: AwareDatetime
    reserved_agent: str | None = None
    channel_wish: Channel | None = None
    text: Sealed | None = None
    """What can be said, sealed as text, field `progress`."""
