"""A measure that answers a row of a report: who does what until when."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class ImprovementState(StrEnum):
    OPEN = "open"
    WORKING = "working"
    DONE = "done"
    DROPPED = "dropped"


class ImprovementRefused(Exception):
    """The state does not allow it; nothing was changed."""


_S = ImprovementState
NEXT: dict[ImprovementState, frozenset[ImprovementState]] = {
    _S.OPEN: frozenset({_S.WORKING, _S.DONE, _S.DROPPED}),
    _S.WORKING: frozenset({_S.DONE, _S.DROPPED}),
    _S.DONE: frozenset({_S.WORKING}),
    _S.DROPPED: frozenset({_S.OPEN}),
}


@dataclass(frozen=True)
class Improvement:
    """`report_row` names the row of the report of `period`, such as `problem/attitude`. `measure` is the house's own
    text and stays here."""

    improvement_id: str
    revision: int
    period: str
    report_row: str
    measure: str
    department: str | None
    owner: str
    due_on: date
    state: ImprovementState
    opened_by: str
    opened_at: datetime
    changed_by: str
    changed_at: datetime


def moved(known: Improvement, state: ImprovementState, by: str, now: datetime) -> Improvement:
    """Raises `ImprovementRefused`."""
    if state not in NEXT[known.state]:
        raise ImprovementRefused(f"measure {known.improvement_id} is {known.state}: {state} is not possible")
    return replace(known, state=state, changed_by=by, changed_at=now, revision=known.revision + 1)


def rescheduled(known: Improvement, *, owner: str, due_on: date, by: str, now: datetime) -> Improvement:
    return replace(known, owner=owner, due_on=due_on, changed_by=by, changed_at=now, revision=known.revision + 1)
