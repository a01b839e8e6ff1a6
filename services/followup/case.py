"""A case and what may be done with it. Each function gives the case after the act and the entry for its history."""

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

    @property
    def is_closed(self) -> bool:
        return self.state is CaseState.CLOSED


@dataclass(frozen=True)
class Entry:
    """One line of a history. `detail` holds codes and ids only; words are in the sealed `note`."""

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


def opened(case: Case) -> Step:
    entry = Entry(
        case_id=case.case_id,
        at=case.opened_at,
        actor=SYSTEM,
        action=Action.OPEN,
        from_state=None,
        to_state=case.state,
        detail={
            "department": case.department,
            "severity": case.severity,
            "codes": list(case.codes),
            "due_at": case.due_at.isoformat(),
        },
    )
    return Step(case, entry)


def assigned(case: Case, owner: Actor, by: Actor, now: datetime) -> Step:
    return _step(case, Action.ASSIGN, by, now, detail={"owner": owner.login, "owner_name": owner.name},
                 owner=owner.login, owner_name=owner.name)  # fmt: skip


def started(case: Case, by: Actor, now: datetime) -> Step:
    """Work begins; a case without owner gets the one who begins."""
    return _step(case, Action.START, by, now, owner=case.owner or by.login, owner_name=case.owner_name or by.name)


def noted(case: Case, note: str, by: Actor, now: datetime, *, progress_text: str | None = None) -> Step:
    """`note` is sealed; `progress_text`, sealed too, replaces what the customer may be told."""
    return _step(case, Action.NOTE, by, now, note=note, progress_text=progress_text or case.progress_text)


def solved(case: Case, solution: Solution, by: Actor, now: datetime) -> Step:
    """Contact counts from now on: what was said before the action proves nothing."""
    return _step(
        case,
        Action.SOLVE,
        by,
        now,
        detail={"root_cause": solution.root_cause, "action": solution.action},
        note=solution.action_note,
        root_cause=solution.root_cause,
        root_cause_note=solution.root_cause_note,
        action=solution.action,
        action_note=solution.action_note,
        progress_text=solution.progress_text or case.progress_text,
        solved_at=now,
        told_at=None,
    )


def contacted(case: Case, attempt_id: str, at: datetime, now: datetime) -> Step:
    """The customer was reached about this case; before the action that changes no state."""
    after_action = case.state is CaseState.SOLVED and case.solved_at is not None and at > case.solved_at
    state = CaseState.TOLD if after_action else case.state
    entry = Entry(case.case_id, now, SYSTEM, Action.CONTACT, case.state, state, {"attempt": attempt_id})
    told_at = at if after_action else case.told_at
    return Step(replace(case, state=state, told_at=told_at, changed_at=now, revision=case.revision + 1), entry)


def closed(case: Case, closed_as: ClosedAs, evidence: str, by: Actor, now: datetime) -> Step:
    return _step(
        case,
        Action.CLOSE,
        by,
        now,
        detail={"closed_as": closed_as, "evidence": evidence},
        closed_at=now,
        closed_as=closed_as,
        evidence=(evidence,),
    )


def corrected(case: Case, now: datetime) -> Step:
    """The item was taken back: there never was a duty."""
    return _step(case, Action.CORRECT, SYSTEM, now, detail={"closed_as": ClosedAs.CORRECTED},
                 closed_at=now, closed_as=ClosedAs.CORRECTED)  # fmt: skip


def reopened(case: Case, reason: str, subject: str, now: datetime, *, due_at: datetime) -> Step:
    """Open again with a due time of its own; cause, action and evidence so far stay in the history."""
    return _step(
        case,
        Action.REOPEN,
        SYSTEM,
        now,
        detail={"reason": reason, "subject": subject, "due_at": due_at.isoformat()},
        root_cause=None,
        root_cause_note=None,
        action=None,
        action_note=None,
        solved_at=None,
        told_at=None,
        closed_at=None,
        closed_as=None,
        evidence=(),
        policy_due_at=due_at,
        due_at=due_at,
        reopened=case.reopened + 1,
    )


def moved(case: Case, *, department: str, team: str | None, codes: tuple[str, ...], severity: Severity,
          now: datetime) -> Step:  # fmt: skip
    """The item was changed; with another department the owner is free again."""
    detail = {"department": department, "severity": severity, "codes": list(codes)}
    stays = department == case.department
    return _step(
        case,
        Action.MOVE,
        SYSTEM,
        now,
        detail=detail,
        department=department,
        team=team,
        codes=codes,
        severity=severity,
        owner=case.owner if stays else None,
        owner_name=case.owner_name if stays else None,
    )


def promised(case: Case, promise_id: str, due_at: datetime, now: datetime) -> Step:
    """A promise was made about it: due no later than the promise."""
    detail = {"promise": promise_id, "due_at": due_at.isoformat()}
    return _step(case, Action.PROMISE, SYSTEM, now, detail=detail, due_at=min(case.due_at, due_at))


def _step(
    case: Case,
    act: Action,
    by: Actor,
    now: datetime,
    *,
    detail: dict[str, Any] | None = None,
    note: str | None = None,
    **changes: Any,
) -> Step:
    state = next_state(case.case_id, case.state, act)
    entry = Entry(case.case_id, now, by, act, case.state, state, detail or {}, note)
    return Step(replace(case, state=state, changed_at=now, revision=case.revision + 1, **changes), entry)
