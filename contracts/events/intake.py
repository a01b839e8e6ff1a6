"""The documents a CRM publishes: the only topics with plain personal data.

Lenient on purpose: a document that parses and names what it must is never refused here; what is wrong with its
values (an unknown scenario, a time in the future) is for the ledger to say.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    field_validator,
)

from contracts.envelope import Event
from contracts.vocabulary import SourceName, SuppressionScope

MAXIMUM_DOCUMENT_BYTES = 256 * 1024
"""A larger document is refused whole: it must fit a record of every internal topic after sealing."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Phrase = Annotated[str, StringConstraints(max_length=2000)]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class IntakePurchase(_Document):
    product: Phrase
    at: date | datetime | None = None
    amount: float | None = None


class IntakeHistory(_Document):
    at: date | datetime | None = None
    kind: Phrase | None = None
    summary: Phrase | None = None


class IntakeCustomer(_Document):
    customer_id: Name
    name: Phrase | None = None
    phone: Phrase | None = None
    email: Phrase | None = None
    level: Phrase | None = None
    timezone: Phrase | None = None
    language: Phrase | None = None
    registered_at: AwareDatetime | None = None
    registration_channel: Phrase | None = None
    first_visit_at: AwareDatetime | None = None
    last_active_at: AwareDatetime | None = None
    purchases: tuple[IntakePurchase, ...] = ()
    history: tuple[IntakeHistory, ...] = ()


class IntakeHandler(_Document):
    id: Phrase | None = None
    name: Phrase | None = None
    team: Phrase | None = None


class IntakeEvent(Event):
    """A document of a CRM. Its identity is (source, ...) in the body, never a header or a record key."""

    source: SourceName = "crm"
    customer: IntakeCustomer

    def key(self) -> str:
        return f"{self.source}/{self.customer.customer_id}"


class ServiceCompleted(IntakeEvent):
    """ "This service is finished." Identity: (source, service_id)."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)
    topic: ClassVar[str] = "service-completed"

    service_id: Name
    scenario: Name
    completed_at: AwareDatetime
    service_type: Phrase | None = None
    handled_at: AwareDatetime | None = None
    handler: IntakeHandler = IntakeHandler()
    product: Phrase | None = None
    channel: Phrase | None = None
    region: Phrase | None = None
    problem_type: Phrase | None = None
    progress: Phrase | None = None
    complaint: JsonValue = None
    attributes: dict[str, JsonValue] = Field(default_factory=dict)

    @field_validator("handler", mode="before")
    @classmethod
    def _absent_handler(cls, value: object) -> object:
        return {} if value is None else value

    @field_validator("attributes", mode="before")
    @classmethod
    def _absent_attributes(cls, value: object) -> object:
        return {} if value is None else value

    def all_attributes(self) -> dict[str, JsonValue]:
        """`attributes` and every field this version does not know."""
        return {**(self.model_extra or {}), **self.attributes}


class CustomerRegistered(IntakeEvent):
    topic: ClassVar[str] = "customer-registered"

    at: AwareDatetime
    registration_channel: Phrase | None = None


class CustomerActed(IntakeEvent):
    topic: ClassVar[str] = "customer-acted"

    at: AwareDatetime
    act: Name


class Preference(StrEnum):
    IN = "in"
    OUT = "out"


class ContactPreferenceChanged(IntakeEvent):
    """The latest `changed_at` of a scope holds; at a tie `out` holds."""

    topic: ClassVar[str] = "contact-preference-changed"

    scope: SuppressionScope = SuppressionScope.ALL
    state: Preference
    changed_at: AwareDatetime
    at: AwareDatetime | None = None
    channel: Literal["phone", "sms", "email", "web"] | None = None
