"""One row of the sampling ledger."""

from dataclasses import dataclass
from datetime import datetime

from contracts.vocabulary import Channel


@dataclass(frozen=True)
class LedgerRow:
    """Stays as it was first judged; only contact, narrative and times may be corrected."""

    completion_ref: str
    source: str
    service_id: str
    customer_ref: str
    scenario: str | None
    verdict: str
    reason: str
    period: str
    stratum: str
    rate_version: int
    cell: str
    thousandths: int
    draw: float | None
    policy_version: str
    completed_at: datetime
    handled_at: datetime | None
    counted_from: datetime
    """What the window is counted from, by the scenario's clock."""
    accepted_at: datetime
    road: str
    zone: str
    vip: bool
    phone_index: str | None
    email_index: str | None
    contact: str
    context: str
    narrative: str | None
    warnings: tuple[str, ...]
    digest: bytes
    channels: tuple[Channel, ...] | None = None
    """Open to this customer by the pilots; kept with the callback."""


@dataclass(frozen=True)
class Known:
    """A completion that was told before."""

    completion_ref: str
    customer_ref: str
    period: str
    verdict: str
    reason: str
    phone_index: str | None
    email_index: str | None


@dataclass(frozen=True)
class Correction:
    completion_ref: str
    contact: str
    narrative: str
    phone_index: str | None
    email_index: str | None
    handled_at: datetime | None
    counted_from: datetime
    zone: str
