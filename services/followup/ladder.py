"""The escalation ladder: who hears of a case that does not get closed, and when."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.vocabulary import CaseState
from services.followup.case import SYSTEM, Actor, Case, Step, step
from services.followup.due import Workdays
from services.followup.states import Action

HERE = Path(__file__).parent
DEPARTMENT, SUPERVISOR, MANAGEMENT = "department", "supervisor", "management"
_AT_WORK = frozenset({CaseState.OPEN, CaseState.WORKING, CaseState.REOPENED})


class Rung(BaseModel):
    """`after`: working hours after the due time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: float = Field(ge=0)
    to: Literal["department", "supervisor", "management"]


class Ladder(BaseModel):
    """`remind_before`: working hours before the due time. Rungs in the order of their times."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    remind_before: float = Field(gt=0)
    rung: tuple[Rung, ...]


@cache
def ladder() -> Ladder:
    return Ladder.model_validate(tomllib.loads((HERE / "ladder.toml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Move:
    """What the ladder does with a case next. `rung` 0: the owner is reminded."""

    at: datetime
    rung: int
    to: str


def next_move(case: Case, days: Workdays) -> Move | None:
    """None: it is closed, follows another case, or everybody has heard of it.

    Whoever was told that a case is late needs no reminder of its due time, and who has solved it neither.
    """
    if case.is_closed or case.leader is not None:
        return None
    hours = ladder()
    if not case.reminded and not case.escalation and case.state in _AT_WORK:
        return Move(days.working_hours(case.due_at, -hours.remind_before), 0, DEPARTMENT)
    if case.escalation >= len(hours.rung):
        return None
    rung = hours.rung[case.escalation]
    return Move(days.working_hours(case.due_at, rung.after), case.escalation + 1, rung.to)


def next_at(case: Case, days: Workdays) -> datetime | None:
    move = next_move(case, days)
    return move.at if move else None


def moved_up(case: Case, days: Workdays, now: datetime) -> Step | None:
    """What is due of the ladder by now; None: nothing. A reminder that comes after the due time is left out."""
    move = next_move(case, days)
    if move is None or move.at > now:
        return None
    if move.rung == 0 and now < case.due_at:
        detail = {"to": move.to, "due_at": case.due_at.isoformat()}
        return step(case, Action.REMIND, SYSTEM, now, why="due_soon", detail=detail, reminded=True)
    if move.rung == 0:
        first = ladder().rung[0]
        return _escalated(case, 1, first.to, SYSTEM, now, why="overdue")
    return _escalated(case, move.rung, move.to, SYSTEM, now, why="overdue")


def raised(case: Case, by: Actor, note: str, now: datetime) -> Step | None:
    """A person calls the next rung before its time; `note`, sealed, says why. None: everybody has heard of it."""
    if case.escalation >= len(ladder().rung):
        return None
    rung = ladder().rung[case.escalation]
    return _escalated(case, case.escalation + 1, rung.to, by, now, why="by_hand", note=note)


def _escalated(case: Case, rung: int, to: str, by: Actor, now: datetime, *, why: str, note: str | None = None) -> Step:
    detail = {"level": rung, "to": to, "due_at": case.due_at.isoformat()}
    return step(case, Action.ESCALATE, by, now, why=why, detail=detail, note=note, escalation=rung, reminded=True)
