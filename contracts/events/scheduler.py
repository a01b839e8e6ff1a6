"""What scheduler tells: every completion, every permit, every end."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from contracts.envelope import CompletionEvent, CustomerEvent, Event
from contracts.events.parts import CallbackPart, Piece, StartInterval
from contracts.vocabulary import (
    BlindIndex,
    CallbackId,
    Cell,
    Channel,
    ChannelReason,
    Explanation,
    Month,
    Priority,
    Probability,
    ResponseId,
    Scenario,
    Sealed,
    SuppressionScope,
    SuppressionState,
    Verdict,
)


class ServiceAccepted(CompletionEvent):
    """Every completion, selected or not. `inclusion_probability` is planned, never a weight."""

    topic: ClassVar[str] = "service-accepted"

    source: str
    service_id: str
    verdict: Verdict
    reason: str
    scenario: Scenario | None = None
    """None where the document named an unknown scenario (verdict rejected)."""
    period: Month
    stratum: str
    rate_version: int
    cell: Cell
    inclusion_probability: Probability
    policy_version: str
    accepted_at: AwareDatetime
    completed_at: AwareDatetime
    context: Sealed
    """`ServiceContext`, sealed as facts of the month of completed_at, field `context`."""
    narrative: Sealed | None = None
    """`ServiceNarrative`, sealed as text, field `narrative`."""


class StratumRate(Piece):
    stratum: str
    rate_version: int
    rate: Probability
    expected: int | None = None
    """N̂, the count of the last period (or stated by the policy); None: unknown, so taken whole."""
    certainty: bool
    valid_from: AwareDatetime | None = None
    """Completions before it have the rate version before; None: since the period began."""


class PolicyEdition(Piece):
    version: str
    """Digest of the policy set."""
    valid_from: AwareDatetime | None = None
    """It decides about completions from then on; None: since the period began."""


class SamplingPeriodOpened(Event):
    """Told again when a policy was changed: the same period with every rate version so far."""

    topic: ClassVar[str] = "sampling-period-opened"

    period: Month
    secret_digest: str
    """SHA-256 (hex) of the period's secret, published before any draw."""
    rates: tuple[StratumRate, ...]
    policy_digest: str
    opened_at: AwareDatetime
    editions: tuple[PolicyEdition, ...] = ()
    """The policy sets that decide about the period, the oldest first."""

    def key(self) -> str:
        return self.period


class CellCount(Piece):
    stratum: str
    rate_version: int
    cell: Cell
    accepted: int
    """N: completions in the frame."""
    selected: int
    """n"""


class StratumShortfall(Piece):
    """Chance selected fewer than the floor; nothing is topped up."""

    stratum: str
    accepted: int
    selected: int
    floor: int


class SamplingPeriodClosed(Event):
    topic: ClassVar[str] = "sampling-period-closed"

    period: Month
    secret: str
    """Hex; anyone can now recompute the draw."""
    cells: tuple[CellCount, ...]
    out_of_frame: int
    ledger_digest: str
    closed_at: AwareDatetime
    shortfalls: tuple[StratumShortfall, ...] = ()

    def key(self) -> str:
        return self.period


class CallbackDue(CompletionEvent):
    """Leave for one contact on one channel. Nobody is contacted without one."""

    topic: ClassVar[str] = "callback-due"

    callback_id: CallbackId
    permit_no: int
    parts: tuple[CallbackPart, ...]
    scenario: Scenario
    source: str
    service_id: str
    channel: Channel
    channel_reason: ChannelReason
    deadline: AwareDatetime
    not_after: AwareDatetime
    intervals: tuple[StartInterval, ...]
    zone: str
    maximum_minutes: int
    priority: Priority
    skill: str
    reserved_agent: str | None = None
    attempt_limit: int = 1
    phone_index: BlindIndex | None = None
    email_index: BlindIndex | None = None
    in_design: bool = True
    contact: Sealed
    """`ContactData`, sealed as contact, field `contact`."""
    context: Sealed
    narrative: Sealed | None = None


class CallbackCancelled(CompletionEvent):
    topic: ClassVar[str] = "callback-cancelled"

    callback_id: CallbackId
    permit_no: int
    reason: Literal["suppressed", "corrected", "withdrawn", "erased", "answered"]


class CallbackClosed(CompletionEvent):
    """The one terminal explanation of a callback. What arrives later changes nothing of it."""

    topic: ClassVar[str] = "callback-closed"

    callback_id: CallbackId
    explanation: Explanation
    parts: tuple[CallbackPart, ...]
    permits: int
    response_id: ResponseId | None = None
    deadline_missed: bool = False
    in_design: bool = True
    closed_at: AwareDatetime


class ContactSuppressed(CustomerEvent):
    """State of one suppression for one customer of the index; the highest `sequence` of an index and scope wins."""

    topic: ClassVar[str] = "contact-suppressed"

    phone_index: BlindIndex | None = None
    email_index: BlindIndex | None = None
    scope: SuppressionScope
    state: SuppressionState
    sequence: int
    since: AwareDatetime


class CustomerErased(CustomerEvent):
    topic: ClassVar[str] = "customer-erased"

    erased_at: AwareDatetime
