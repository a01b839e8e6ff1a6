"""Callbacks that no service starts: nobody acted after registering, nothing was heard for long, or it is time again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contracts.events.intake import IntakeCustomer, ServiceCompleted
from services.scheduler.policy import PolicySet, ScenarioPolicy


class AbsenceKind(StrEnum):
    NO_ACT = "no_act"
    """Registered, and no first act since."""
    INACTIVE = "inactive"
    """No act for long."""
    EVERY = "every"
    """A customer of a certainty level, again and again."""


@dataclass(frozen=True)
class Absence:
    """A timer: at `due_at` the customer is called, unless an act ends it before."""

    customer_ref: str
    kind: AbsenceKind
    scenario: str
    since: datetime
    due_at: datetime


@dataclass(frozen=True)
class Profile:
    """What a later callback needs to know of its customer; sealed where it is stored."""

    source: str
    customer: IntakeCustomer


def after_registration(policies: PolicySet, customer_ref: str, registered_at: datetime) -> Iterator[Absence]:
    """Waits for a first act, and for the long silence that may follow."""
    for policy in policies.scenarios.values():
        days = policy.trigger.no_act_within_days if policy.trigger else None
        if days is not None:
            yield _absence(customer_ref, AbsenceKind.NO_ACT, policy, registered_at, days)
    yield from after_act(policies, customer_ref, registered_at)


def after_act(policies: PolicySet, customer_ref: str, acted_at: datetime) -> Iterator[Absence]:
    """The silence after an act begins anew."""
    for policy in policies.scenarios.values():
        days = policy.trigger.inactive_days if policy.trigger else None
        if days is not None:
            yield _absence(customer_ref, AbsenceKind.INACTIVE, policy, acted_at, days)


def again_and_again(policies: PolicySet, customer_ref: str, level: str | None, since: datetime) -> Iterator[Absence]:
    """The next care of a customer of a certainty level."""
    for policy in policies.scenarios.values():
        days = policy.trigger.every_days if policy.trigger else None
        if days is not None and level in policies.certainty_levels(policy):
            yield _absence(customer_ref, AbsenceKind.EVERY, policy, since, days)


def document_of(absence: Absence, profile: Profile, operator_zone: ZoneInfo) -> ServiceCompleted:
    """The completion that an absence stands for; told twice for one day it is the same."""
    day = absence.due_at.astimezone(operator_zone).date()
    times = {
        AbsenceKind.NO_ACT: {"registered_at": absence.since},
        AbsenceKind.INACTIVE: {"last_active_at": absence.since},
        AbsenceKind.EVERY: {},
    }
    customer = profile.customer.model_copy(update=times[absence.kind])
    return ServiceCompleted.model_validate(
        {
            "source": profile.source,
            "service_id": f"{absence.scenario}:{customer.customer_id}:{day.isoformat()}",
            "scenario": absence.scenario,
            "completed_at": absence.due_at,
            "customer": customer.model_dump(),
        }
    )


def _absence(customer_ref: str, kind: AbsenceKind, policy: ScenarioPolicy, since: datetime, days: int) -> Absence:
    return Absence(customer_ref, kind, policy.scenario.value, since, since + timedelta(days=days))
