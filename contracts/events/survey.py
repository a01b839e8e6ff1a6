"""What survey tells: attempts, responses, promises, wishes not to be contacted."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from contracts.envelope import CompletionEvent, CustomerEvent
from contracts.events.parts import About, CallbackPart, Piece
from contracts.vocabulary import (
    AgreedAgent,
    BlindIndex,
    CallbackId,
    Channel,
    ChannelReason,
    Disposition,
    NotAttempted,
    PromiseId,
    Purpose,
    ResponseId,
    ResponseStatus,
    Sealed,
    SuppressionScope,
)


class AttemptClosed(CompletionEvent):
    """The one end of one permit."""

    topic: ClassVar[str] = "attempt-closed"

    attempt_id: str
    callback_id: CallbackId
    permit_no: int
    parts: tuple[CallbackPart, ...]
    channel: Channel
    channel_reason: ChannelReason
    purpose: Purpose
    round: int
    disposition: Disposition
    not_attempted: NotAttempted | None = None
    detail: str | None = None
    """Why, in words for operators; never personal."""
    started_at: AwareDatetime | None = None
    connected_at: AwareDatetime | None = None
    ended_at: AwareDatetime
    agent: str | None = None
    agreed_at: AwareDatetime | None = None
    """The time the customer asked for (disposition appointment)."""
    agreed_agent: AgreedAgent | None = None
    link_until: AwareDatetime | None = None
    """When the link that this attempt delivered dies."""
    online_consented: bool = False
    """After a refusal: the customer takes a link."""
    online_channel: Literal[Channel.SMS, Channel.EMAIL] | None = None
    """The way the customer wants it; none said: by e-mail."""
    wrapup_missing: bool = False
    tune: str | None = None
    tune_pilot: str | None = None
    """The pilot in which the tune was drawn by chance; None: nobody drew."""
    transferred: bool = False


class QualityFlag(Piece):
    code: str
    evidence: str
    """What was measured, without any answer text."""


class ResponseRecorded(CompletionEvent):
    """A revision of one response; the highest revision holds."""

    topic: ClassVar[str] = "response-recorded"

    response_id: ResponseId
    revision: int
    status: ResponseStatus
    final: bool
    """False for what was heard so far (10 minutes idle); a later revision may still come."""
    callback_id: CallbackId | None = None
    permit_no: int | None = None
    part_id: str
    purpose: Purpose
    round: int
    channel: Channel
    channel_reason: ChannelReason
    about: About | None = None
    in_design: bool
    questionnaire: str
    questionnaire_version: int
    content_hash: str
    answers: Sealed
    """`AnswerSheet`, sealed as facts of the month of completed_at, field `answers`."""
    texts: Sealed | None = None
    """`AnswerTexts`, sealed as text, field `texts`."""
    flags: tuple[QualityFlag, ...] = ()
    agent: str | None = None
    started_at: AwareDatetime
    connected_at: AwareDatetime | None = None
    ended_at: AwareDatetime
    recorded_at: AwareDatetime
    context: Sealed
    narrative: Sealed | None = None


class ResponseVoided(CompletionEvent):
    """May arrive before the response it voids: keep a tombstone."""

    topic: ClassVar[str] = "response-voided"

    response_id: ResponseId
    reason: str
    by: str
    voided_at: AwareDatetime


class PromiseMade(CompletionEvent):
    topic: ClassVar[str] = "promise-made"

    promise_id: PromiseId
    response_id: ResponseId
    callback_id: CallbackId
    what: Sealed
    """Sealed as text, field `promise`."""
    department: str
    due_at: AwareDatetime
    made_at: AwareDatetime
    by: str


class OptOutRequested(CustomerEvent):
    topic: ClassVar[str] = "opt-out-requested"

    phone_index: BlindIndex | None = None
    email_index: BlindIndex | None = None
    scope: SuppressionScope
    channel: Channel
    requested_at: AwareDatetime
