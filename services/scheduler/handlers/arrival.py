"""A completion's document as the intake door hands it on."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from chassis.vault import Keyring
from contracts.events.intake import ServiceCompleted
from contracts.vocabulary import Channel
from services.scheduler import intake
from services.scheduler.windows import Clocks

Road = Literal["kafka", "http", "timer", "list"]


@dataclass(frozen=True)
class Arrival:
    """A document with what is derived from it alone."""

    number: int
    document: ServiceCompleted
    customer_ref: str
    period: str
    reach: intake.Reach
    phone_index: str | None
    email_index: str | None
    digest: bytes
    received_at: datetime
    road: Road

    @cached_property
    def clocks(self) -> Clocks:
        """What the window can be counted from."""
        document, customer = self.document, self.document.customer

        def bounded(at: datetime | None) -> datetime | None:
            return intake.bounded(at) if at else None

        return Clocks(
            completed_at=intake.bounded(document.completed_at),
            handled_at=bounded(document.handled_at),
            registered_at=bounded(customer.registered_at),
            last_act_at=bounded(customer.last_active_at),
        )

    @property
    def reachable(self) -> frozenset[Channel]:
        """Channels for which the document has contact data."""
        known = {Channel.PHONE: self.phone_index, Channel.IVR: self.phone_index, Channel.EMAIL: self.email_index}
        return frozenset(channel for channel, index in known.items() if index)

    @property
    def key(self) -> tuple[str, str]:
        return self.document.source, self.document.service_id

    def sealed_contact(self, keys: Keyring) -> str:
        return keys.seal_contact(self.customer_ref, "contact", self.reach.contact)

    def sealed_narrative(self, keys: Keyring) -> str:
        return keys.seal_text(self.customer_ref, "narrative", intake.narrative_of(self.document))
