"""What may be done with a case. Each function gives the case after the act and the entry for its history."""

from dataclasses import replace
from datetime import datetime

from contracts.vocabulary import CaseState, ClosedAs, Severity
from services.followup.case import SYSTEM, Actor, Case, Entry, Solution, Step, step
from services.followup.states import Action


def opened(case: Case) -> Step:
    entry = Entry(
        case_id=case.case_id,
        at=case.opened_at,
        actor=SYSTEM,
        action=Action.OPEN,
        from_state=None,
        to_state=case.state,
        detail={
            "why": "low_score",
            "department": case.department,
            "severity": case.severity,
            "codes": list(case.codes),
            "due_at": case.due_at.isoformat(),
        },
    )
    return Step(case, entry)


def assigned(case: Case, owner: Actor, by: Actor, now: datetime, *, note: str | None = None) -> Step:
    """`note`, sealed: why the one who had it gives it up."""
    why = "rota" if by is SYSTEM else "taken" if owner.login == by.login else "handed_over"
    return step(case, Action.ASSIGN, by, now, why=why, detail={"owner": owner.login, "owner_name": owner.name},
                note=note, owner=owner.login, owner_name=owner.name)  # fmt: skip


def started(case: Case, by: Actor, now: datetime) -> Step:
    """Work begins; a case without owner gets the one who begins."""
    return step(case, Action.START, by, now, why="work_began", owner=case.owner or by.login,
                owner_name=case.owner_name or by.name)  # fmt: skip


def noted(case: Case, note: str, by: Actor, now: datetime, *, progress_text: str | None = None) -> Step:
    """`note` is sealed; `progress_text`, sealed too, replaces what the customer may be told."""
    told = progress_text or case.progress_text
    return step(case, Action.NOTE, by, now, why="progress", note=note, progress_text=told)


def solved(case: Case, solution: Solution, by: Actor, now: datetime) -> Step:
    """Contact counts from now on: what was said before the action proves nothing."""
    return step(
        case,
        Action.SOLVE,
        by,
        now,
        why="cause_and_action_known",
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
    detail = {"why": "customer_reached", "attempt": attempt_id}
    entry = Entry(case.case_id, now, SYSTEM, Action.CONTACT, case.state, state, detail)
    told_at = at if after_action else case.told_at
    return Step(replace(case, state=state, told_at=told_at, changed_at=now, revision=case.revision + 1), entry)


def closed(case: Case, closed_as: ClosedAs, evidence: str, by: Actor, now: datetime) -> Step:
    return step(
        case,
        Action.CLOSE,
        by,
        now,
        why=closed_as.value,
        detail={"closed_as": closed_as, "evidence": evidence},
        closed_at=now,
        closed_as=closed_as,
        evidence=(evidence,),
    )


def corrected(case: Case, why: str, now: datetime) -> Step:
    """The item was taken back, or its response voided: there never was a duty."""
    return step(case, Action.CORRECT, SYSTEM, now, why=why, detail={"closed_as": ClosedAs.CORRECTED},
                closed_at=now, closed_as=ClosedAs.CORRECTED, leader=None)  # fmt: skip


def reopened(case: Case, reason: str, subject: str, now: datetime, *, due_at: datetime) -> Step:
    """Open again with a due time of its own; cause, action and evidence so far stay in the history."""
    return step(
        case,
        Action.REOPEN,
        SYSTEM,
        now,
        why=reason,
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
        escalation=0,
        reminded=False,
    )


def moved(case: Case, *, department: str, team: str | None, codes: tuple[str, ...], severity: Severity,
          now: datetime) -> Step:  # fmt: skip
    """The item was changed; with another department the owner is free again."""
    detail = {"from": case.department, "department": department, "severity": severity, "codes": list(codes)}
    stays = department == case.department
    return step(
        case,
        Action.MOVE,
        SYSTEM,
        now,
        why="item_changed",
        detail=detail,
        department=department,
        team=team,
        codes=codes,
        severity=severity,
        owner=case.owner if stays else None,
        owner_name=case.owner_name if stays else None,
        leader=case.leader if stays else None,
    )


def promised(case: Case, promise_id: str, due_at: datetime, now: datetime) -> Step:
    """A promise was made about it: due no later than the promise."""
    detail = {"promise": promise_id, "due_at": due_at.isoformat()}
    earlier = min(case.due_at, due_at)
    return step(case, Action.PROMISE, SYSTEM, now, why="promise_made", detail=detail, due_at=earlier)
