"""What the ledger holds of a span: completions, callbacks with every plan that was made, and what else took room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.vocabulary import (
    Channel,
    ChannelReason,
    Disposition,
    Explanation,
    NotAttempted,
    Priority,
    Scenario,
)
from services.scheduler.callback import PermitKind
from services.scheduler.contact import person_subject
from services.scheduler.sampling import Rate
from services.scheduler.windows import Clocks


@dataclass(frozen=True, slots=True)
class Completion:
    """One row of the ledger with the facts of its document that a policy may ask for."""

    completion_ref: str
    source: str
    service_id: str
    customer_ref: str
    scenario: Scenario | None
    verdict: str
    reason: str
    period: str
    stratum: str
    thousandths: int
    policy_version: str
    clocks: Clocks
    counted_from: datetime
    accepted_at: datetime
    zone: str
    phone_index: str | None
    email_index: str | None
    corrections: int
    service_type: str | None = None
    level: str | None = None
    team: str | None = None

    @property
    def person(self) -> str:
        return person_subject(self.phone_index, self.email_index, self.customer_ref)


@dataclass(frozen=True, slots=True)
class PlanSeen:
    """One plan of a permit: what it saw and what it chose."""

    record: Mapping[str, Any]

    @property
    def now(self) -> datetime:
        return self.instant("now")

    @property
    def put_off(self) -> str | None:
        """Why the plan before it was not carried out; None for a first plan and where something outside changed."""
        return self.record.get("put_off")

    @property
    def shifts(self) -> str | None:
        """The version of the agents' shifts by which that was decided; None where it was not kept."""
        return self.record.get("shifts")

    @property
    def window(self) -> tuple[datetime, datetime, datetime]:
        not_before, deadline, not_after = (datetime.fromisoformat(at) for at in self.record["window"])
        return not_before, deadline, not_after

    @property
    def own_hours(self) -> tuple[int, ...]:
        return tuple(self.record["own_hours"])

    @property
    def budget_used(self) -> int | None:
        """Callbacks of the person that the plan counted; None where it did not ask."""
        budget = self.record.get("budget")
        return None if budget is None else int(budget["used"])

    @property
    def budget_free_at(self) -> datetime | None:
        free_at = self.record["budget"]["free_at"] if self.record.get("budget") else None
        return datetime.fromisoformat(free_at) if free_at else None

    def instant(self, name: str) -> datetime:
        return datetime.fromisoformat(self.record[name])


@dataclass(frozen=True, slots=True)
class PermitSeen:
    permit_no: int
    channel: Channel
    channel_reason: ChannelReason
    skill: str
    kind: PermitKind
    plans: tuple[PlanSeen, ...]
    """Every different plan, the oldest first."""
    released_at: datetime | None
    ended_at: datetime | None
    started_at: datetime | None
    disposition: Disposition | None
    not_attempted: NotAttempted | None
    cancelled: str | None
    link_until: datetime | None
    reserved_agent: str | None
    agent: str | None
    shifts: str | None = None
    """The version of the agents' shifts by which it was released; None where it was not kept."""

    @property
    def channel_was_moved(self) -> bool:
        """Another plan followed that no rule of the release asked for: the first channel may have been another one."""
        return any(plan.put_off is None for plan in self.plans[1:])


@dataclass(frozen=True, slots=True)
class CallbackSeen:
    callback_id: str
    completion_ref: str
    is_survey: bool
    """The callback of the sample, not one that somebody asked for."""
    priority: Priority
    skill: str
    window: tuple[datetime, datetime, datetime]
    passes_budget: bool
    reserved_agent: str | None
    channel_wish: Channel | None
    opened_at: datetime
    explanation: Explanation | None
    closed_at: datetime | None
    counted_as: str | None
    """The person in whose contact budget it was counted; a corrected document may name another one now."""
    permits: tuple[PermitSeen, ...]

    def permit(self, number: int) -> PermitSeen | None:
        return next((one for one in self.permits if one.permit_no == number), None)


@dataclass(frozen=True)
class PeriodSeen:
    secret: bytes
    rates: Mapping[str, tuple[Rate, ...]]


@dataclass(frozen=True, slots=True)
class Released:
    """A call of a callback outside the span: it took room and cannot be moved."""

    at: datetime
    skill: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A callback outside the span that counts in somebody's contact budget."""

    at: datetime
    person: str


@dataclass(frozen=True)
class History:
    """Everything a replay starts from. `until`: the business instant of the reading; later is nothing known."""

    completions: tuple[Completion, ...]
    callbacks: tuple[CallbackSeen, ...]
    periods: Mapping[str, PeriodSeen]
    released: tuple[Released, ...]
    counted: tuple[Counted, ...]
    until: datetime
    suppressed: Mapping[str, Sequence[tuple[datetime, str]]] = field(default_factory=dict)
    """Since when each subject may not be contacted, and in which scope."""


def in_frame(completion: Completion) -> bool:
    return completion.verdict in ("selected", "not_drawn")


def with_facts(completion: Completion, context: Mapping[str, Any]) -> Completion:
    """The row with what its sealed context tells."""
    clocks = replace(
        completion.clocks,
        registered_at=_aware(context.get("registered_at")),
        last_act_at=_aware(context.get("last_active_at")),
    )
    team = (context.get("handler") or {}).get("team")
    return replace(
        completion,
        clocks=clocks,
        service_type=context.get("service_type"),
        level=context.get("level"),
        team=team,
    )


def different(plans: list[Mapping[str, Any]]) -> tuple[PlanSeen, ...]:
    """The plans without those that were only told once more."""
    found: list[PlanSeen] = []
    for record in plans:
        if not found or record != found[-1].record:
            found.append(PlanSeen(record))
    return tuple(found)


def _aware(text: str | None) -> datetime | None:
    """An instant without an offset is none that a window can be counted from."""
    at = datetime.fromisoformat(text) if text else None
    return at if at is not None and at.tzinfo is not None else None
