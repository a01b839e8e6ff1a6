"""What is known of a completion. Two halves, because two kinds of key protect them.

`ServiceContext` holds facts for figures and routing (sealed under the month's key, kept after an erasure);
`ServiceNarrative` holds everything a person wrote (sealed under the customer's key, gone with it);
`ContactData` is what it takes to reach the customer (the customer's contact key).
"""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from contracts.vocabulary import Scenario


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Handler(_Frozen):
    """Who did the work. Staff ids and names are not personal data of the customer."""

    id: str | None = None
    name: str | None = None
    team: str | None = None


class Purchase(_Frozen):
    product: str
    at: str | None = None
    amount: float | None = None


class HistoryEntry(_Frozen):
    at: str | None = None
    kind: str | None = None
    summary: str | None = None


class ServiceContext(_Frozen):
    scenario: Scenario | None = None
    service_type: str | None = None
    completed_at: AwareDatetime
    handled_at: AwareDatetime | None = None
    product: str | None = None
    channel: str | None = None
    region: str | None = None
    handler: Handler = Handler()
    level: str | None = None
    registration_channel: str | None = None
    registered_at: datetime | None = None
    first_visit_at: datetime | None = None
    last_active_at: datetime | None = None
    purchases: tuple[Purchase, ...] = ()
    complaint_level: str | None = None


class ServiceNarrative(_Frozen):
    problem_type: str | None = None
    progress: str | None = None
    complaint: str | None = None
    history: tuple[HistoryEntry, ...] = ()
    attributes: dict[str, JsonValue] = {}


class ContactData(_Frozen):
    name: str | None = None
    phone: str | None = None
    """E.164."""
    email: str | None = None
    language: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
