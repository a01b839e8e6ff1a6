"""A promise is a dated object: kept by telling the customer in time, broken when due without that."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.vocabulary import PromiseState
from services.followup.contact import Attempt

BY_SYSTEM = "aftercall"


@dataclass(frozen=True)
class Promise:
    """`what` is sealed. `ask_at`: when the progress callback is asked for at the latest; `asked_at`: when it was."""

    promise_id: str
    response_id: str
    customer_ref: str
    completion_ref: str
    department: str
    what: str
    due_at: datetime
    made_at: datetime
    made_by: str
    ask_at: datetime
    changed_at: datetime
    state: PromiseState = PromiseState.OPEN
    revision: int = 1
    case_id: str | None = None
    evidence: str | None = None
    asked_at: datetime | None = None
    item_id: str | None = None
    """The new demand that it answers."""


def kept_by(promise: Promise, attempt: Attempt) -> bool:
    """The customer was reached about it, after it was made and before it was due."""
    about = any(
        a.promise_id == promise.promise_id or (a.case_id is not None and a.case_id == promise.case_id)
        for a in attempt.about
    )
    return about and attempt.reached and promise.made_at < attempt.at <= promise.due_at


def kept(promise: Promise, attempt: Attempt, now: datetime) -> Promise | None:
    """None when it changes nothing. Proof that comes late still makes a broken promise a kept one."""
    if promise.state not in (PromiseState.OPEN, PromiseState.BROKEN) or not kept_by(promise, attempt):
        return None
    return _changed(promise, PromiseState.KEPT, now, evidence=attempt.attempt_id)


def broken(promise: Promise, now: datetime) -> Promise | None:
    if promise.state is not PromiseState.OPEN or now < promise.due_at:
        return None
    return _changed(promise, PromiseState.BROKEN, now)


def withdrawn(promise: Promise, now: datetime) -> Promise | None:
    return _changed(promise, PromiseState.WITHDRAWN, now) if promise.state is PromiseState.OPEN else None


def joined(promise: Promise, case_id: str, now: datetime) -> Promise | None:
    """The first case of its response and department takes the promise along."""
    if promise.case_id is not None:
        return None
    return replace(promise, case_id=case_id, revision=promise.revision + 1, changed_at=now)


def asked(promise: Promise, now: datetime) -> Promise:
    """The progress callback was asked for; nothing that others must know of."""
    return replace(promise, asked_at=now)


def _changed(promise: Promise, state: PromiseState, now: datetime, evidence: str | None = None) -> Promise:
    return replace(promise, state=state, revision=promise.revision + 1, changed_at=now, evidence=evidence)
