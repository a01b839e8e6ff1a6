"""A case, the entries of its history, and the one way from a state to the next."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.vocabulary import CaseState, ClosedAs, Severity
from services.followup.states import Action, next_state


@dataclass(frozen=True)
class Actor:
    """Who did it: login and name, or the system."""

    login: str
    name: str


SYSTEM = Actor("aftercall", "系统")


@dataclass(frozen=True)
class Case:
    """One department's duty that follows from one item. Every `*_note` and `progress_text` is sealed."""

    case_id: str
    item_id: str
    response_id: str
    customer_ref: str
    completion_ref: str
    department: str
    team: str | None
    codes: tuple[str, ...]
    severity: Severity
    state: CaseState
    opened_at: datetime
    policy_due_at: datetime
    """Due by the department's rule; `due_at` is never later than this or than a promise."""
    due_at: datetime
    calendar_version: str
    changed_at: datetime
    revision: int = 1
    owner: str | None = None
    owner_name: str | None = None
    root_cause: str | None = None
    root_cause_note: str | None = None
    action: str | None = None
    action_note: str | None = None
    progress_text: str | None = None
    solved_at: datetime | None = None
    told_at: datetime | None = None
    closed_at: datetime | None = None
    closed_as: ClosedAs | None = None
    evidence: tuple[str, ...] = ()
    reopened: int = 0
    escalation: int = 0
    """Rung of the ladder that has heard of it; 0: none."""
    reminded: bool = False
    """The owner was reminded of the present due time."""
    next_at: datetime | None = None
    """When the ladder has something to do with it next."""
    leader: str | None = None
    """The case of the same customer that it was merged into: worked, told and closed with that one."""
    chain_head: str | None = None
    """Hash of the last row of its history, as it was stored with that row."""

    @property
    def is_closed(self) -> bool:
        return self.state is CaseState.CLOSED


@dataclass(frozen=True)
class Entry:
    """One line of a history: who, when, why. `detail` holds codes and ids only, among them `why`; words are in the
    sealed `note`."""

    case_id: str
    at: datetime
    actor: Actor
    action: Action
    from_state: CaseState | None
    to_state: CaseState
    detail: dict[str, Any] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True)
class Step:
    case: Case
    entry: Entry


@dataclass(frozen=True)
class Solution:
    """What was found and done, and what the customer may be told."""

    root_cause: str
    root_cause_note: str
    action: str
    action_note: str
    progress_text: str | None


def step(
    case: Case,
    act: Action,
    by: Actor,
    now: datetime,
    *,
    why: str,
    detail: dict[str, Any] | None = None,
    note: str | None = None,
    **changes: Any,
) -> Step:
    """What the table of states allows, with these changes. Raises `ActionRefused`."""
    state = next_state(case.case_id, case.state, act)
    entry = Entry(case.case_id, now, by, act, case.state, state, {"why": why} | (detail or {}), note)
    return Step(replace(case, state=state, changed_at=now, revision=case.revision + 1, **changes), entry)
