"""What a document says of itself: is it in the frame, whom can be reached how, and is it the same as before."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contracts.context import ContactData, Handler, HistoryEntry, Purchase, ServiceContext, ServiceNarrative
from contracts.events.intake import ServiceCompleted
from contracts.vocabulary import Verdict
from services.scheduler.contact import normalised_email, normalised_phone, zone_of
from services.scheduler.house import IntakeRule
from services.scheduler.policy import Clock, PolicySet, ScenarioPolicy

# what a timestamp column and every month arithmetic can hold, with a day to spare for zones
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9990, 1, 1, tzinfo=UTC)


class Reason(StrEnum):
    """Why the ledger gave its verdict."""

    DRAWN = "drawn"
    CERTAINTY = "certainty"
    NOT_DRAWN = "not_drawn"
    UNKNOWN_SCENARIO = "unknown_scenario"
    UNKNOWN_ZONE = "unknown_zone"
    COMPLETED_IN_FUTURE = "completed_in_future"
    HANDLED_IN_FUTURE = "handled_in_future"
    HANDLED_FAR_FROM_COMPLETED = "handled_far_from_completed"
    OLDER_THAN_LOOK_BACK = "older_than_look_back"
    PERIOD_CLOSED = "period_closed"
    OUTSIDE_PILOT = "outside_pilot"


class Caution(StrEnum):
    """What was odd and did not matter for the verdict."""

    PHONE_NOT_VALID = "phone_not_valid"
    EMAIL_NOT_VALID = "email_not_valid"
    UNKNOWN_LEVEL = "unknown_level"
    UNKNOWN_SERVICE_TYPE = "unknown_service_type"
    HANDLED_AT_MISSING = "handled_at_missing"
    CLOCK_MISSING = "clock_missing"
    """The scenario counts from a registration or an act that the document does not tell."""
    CHANNEL_PILOT = "channel_pilot"
    """Every channel on which this customer could be reached is on trial with others."""


@dataclass(frozen=True)
class Fault:
    verdict: Verdict
    reason: Reason


@dataclass(frozen=True)
class Reach:
    """How the customer can be reached; `zone` is the operator's when the document names none or an unknown one."""

    contact: ContactData
    zone: ZoneInfo
    warnings: tuple[Caution, ...]


def fault(document: ServiceCompleted, *, now: datetime, policies: PolicySet) -> Fault | None:
    """The first thing that keeps a completion out of the frame; None when it belongs into it."""
    rule = policies.house.intake
    latest = now + timedelta(minutes=rule.clock_skew_minutes)
    if policies.of(document.scenario) is None:
        return Fault(Verdict.REJECTED, Reason.UNKNOWN_SCENARIO)
    if document.completed_at > latest:
        return Fault(Verdict.REJECTED, Reason.COMPLETED_IN_FUTURE)
    if document.customer.timezone and zone_of(document.customer.timezone) is None:
        return Fault(Verdict.REJECTED, Reason.UNKNOWN_ZONE)
    handled = _handling_fault(document, rule, latest)
    if handled is not None:
        return handled
    if now - document.completed_at > timedelta(days=rule.look_back_days):
        return Fault(Verdict.OUT_OF_FRAME, Reason.OLDER_THAN_LOOK_BACK)
    return None


def _handling_fault(document: ServiceCompleted, rule: IntakeRule, latest: datetime) -> Fault | None:
    if document.handled_at is None:
        return None
    if document.handled_at > latest:
        return Fault(Verdict.REJECTED, Reason.HANDLED_IN_FUTURE)
    if abs(document.handled_at - document.completed_at) > timedelta(days=rule.handled_within_days):
        return Fault(Verdict.REJECTED, Reason.HANDLED_FAR_FROM_COMPLETED)
    return None


def reach(document: ServiceCompleted, operator_zone: ZoneInfo) -> Reach:
    customer = document.customer
    zone = zone_of(customer.timezone) if customer.timezone else None
    phone = normalised_phone(customer.phone, zone or operator_zone)
    email = normalised_email(customer.email)
    warnings = []
    if customer.phone and phone is None:
        warnings.append(Caution.PHONE_NOT_VALID)
    if customer.email and email is None:
        warnings.append(Caution.EMAIL_NOT_VALID)
    contact = ContactData(
        name=customer.name,
        phone=phone,
        email=email,
        language=customer.language or "zh-CN",
        timezone=(zone or operator_zone).key,
    )
    return Reach(contact, zone or operator_zone, tuple(warnings))


def frame_warnings(document: ServiceCompleted, policy: ScenarioPolicy, levels: tuple[str, ...]) -> tuple[Caution, ...]:
    found = []
    if document.service_type and document.service_type not in policy.sampling.service_types:
        found.append(Caution.UNKNOWN_SERVICE_TYPE)
    if document.customer.level and document.customer.level not in levels:
        found.append(Caution.UNKNOWN_LEVEL)
    if document.handled_at is None:
        found.append(Caution.HANDLED_AT_MISSING)
    customer = document.customer
    told = {Clock.REGISTERED: customer.registered_at, Clock.LAST_ACT: customer.last_active_at}
    if policy.window.clock in told and told[policy.window.clock] is None:
        found.append(Caution.CLOCK_MISSING)
    return tuple(found)


def context_of(document: ServiceCompleted, policy: ScenarioPolicy | None) -> ServiceContext:
    customer = document.customer
    return ServiceContext(
        scenario=policy.scenario if policy else None,
        service_type=document.service_type,
        completed_at=bounded(document.completed_at),
        handled_at=document.handled_at,
        product=document.product,
        channel=document.channel,
        region=document.region,
        handler=Handler(id=document.handler.id, name=document.handler.name, team=document.handler.team),
        level=customer.level,
        registration_channel=customer.registration_channel,
        registered_at=customer.registered_at,
        first_visit_at=customer.first_visit_at,
        last_active_at=customer.last_active_at,
        purchases=tuple(Purchase(product=p.product, at=_iso(p.at), amount=p.amount) for p in customer.purchases),
        complaint_level=_complaint_level(document.complaint),
    )


def narrative_of(document: ServiceCompleted) -> ServiceNarrative:
    history = document.customer.history
    return ServiceNarrative(
        problem_type=document.problem_type,
        progress=document.progress,
        complaint=_complaint_text(document.complaint),
        history=tuple(HistoryEntry(at=_iso(h.at), kind=h.kind, summary=h.summary) for h in history),
        attributes=document.all_attributes(),
    )


def digest(document: ServiceCompleted) -> bytes:
    """SHA-256 of the content: the order of keys, blanks and the offset in which an instant is written do not matter."""
    return hashlib.sha256(_CONTENT.encode(document.model_dump()).encode()).digest()


def bounded(instant: datetime) -> datetime:
    """An absurd time, kept storable; its verdict is made before."""
    if _EARLIEST.year < instant.year < _LATEST.year:
        return instant  # nearly always, and far cheaper than comparing across zones
    return min(max(instant, _EARLIEST), _LATEST)


def _canonical(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return bounded(value).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


_CONTENT = json.JSONEncoder(default=_canonical, sort_keys=True, ensure_ascii=False)


def _iso(at: date | datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _complaint_level(complaint: object) -> str | None:
    level = complaint.get("level") if isinstance(complaint, dict) else None
    return str(level) if level is not None else None


def _complaint_text(complaint: object) -> str | None:
    if complaint is None or isinstance(complaint, str):
        return complaint
    return json.dumps(complaint, ensure_ascii=False)
