"""Opening improvement measures and moving them on; each change is told, so that the next report shows it."""

import re
from dataclasses import dataclass
from datetime import date

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from contracts.events.followup import ImprovementChanged
from contracts.ids import named_id
from services.followup.actions import LONGEST
from services.followup.improvements import (
    Improvement,
    ImprovementRefused,
    ImprovementState,
    moved,
    rescheduled,
)
from services.followup.rights import check_department
from services.followup.store import improvements
from services.followup.words import DEPARTMENTS

OPENERS = (Role.SUPERVISOR, Role.ANALYST)
_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])|\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")
_ROW = re.compile(r"[A-Za-z0-9_.:/一-龥-]{1,120}")


@dataclass(frozen=True)
class Wanted:
    """A measure as it was asked for. `period`: a month 2026-10 or a week 2026-W47; `row`: the row's name there."""

    period: str
    row: str
    measure: str
    owner: str
    due_on: str
    department: str = ""


async def open_measure(runtime: Runtime, person: Person, wanted: Wanted) -> Improvement:
    """The same measure for the same row twice is one. Raises `Problem` 422 naming the fields."""
    due_on = _checked(wanted)
    measure_id = named_id("improvement", wanted.period, wanted.row, wanted.measure.strip())
    # the name is locked as a customer would be: whoever reads the topic gets one measure's changes in their order
    async with runtime.transaction(customers=[measure_id]) as tx:
        known = await improvements.one(tx.connection, measure_id)
        if known is not None:
            return known
        made = Improvement(
            improvement_id=measure_id,
            revision=1,
            period=wanted.period,
            report_row=wanted.row,
            measure=wanted.measure.strip(),
            department=wanted.department or None,
            owner=wanted.owner.strip(),
            due_on=due_on,
            state=ImprovementState.OPEN,
            opened_by=person.login,
            opened_at=tx.now,
            changed_by=person.login,
            changed_at=tx.now,
        )
        await _record(tx, made)
        return made


async def move(runtime: Runtime, person: Person, measure_id: str, state: str) -> Improvement:
    if state not in list(ImprovementState):
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": "state", "rule": "is not one of the list"}])
    async with runtime.transaction(customers=[measure_id]) as tx:
        known = await _mine(tx, person, measure_id)
        try:
            after = moved(known, ImprovementState(state), person.login, tx.now)
        except ImprovementRefused:
            raise Problem(409, _("现在不能这样做")) from None
        await _record(tx, after)
        return after


async def reschedule(runtime: Runtime, person: Person, measure_id: str, owner: str, due_on: str) -> Improvement:
    day = _day(due_on)
    if day is None or not owner.strip():
        errors = [{"field": "owner", "rule": "required"}] if not owner.strip() else []
        errors += [{"field": "due_on", "rule": "is no date"}] if day is None else []
        raise Problem(422, _("有些内容不符合要求"), errors=errors)
    async with runtime.transaction(customers=[measure_id]) as tx:
        known = await _mine(tx, person, measure_id)
        after = rescheduled(known, owner=owner.strip(), due_on=day, by=person.login, now=tx.now)
        await _record(tx, after)
        return after


async def _mine(tx: Transaction, person: Person, measure_id: str) -> Improvement:
    known = await improvements.one(tx.connection, measure_id)
    if known is None:
        raise Problem(404, _("没有这项改进措施"))
    if known.department is not None:
        check_department(person, known.department)
    return known


async def _record(tx: Transaction, measure: Improvement) -> None:
    await improvements.put(tx.connection, measure)
    told = vars(measure) | {"row": measure.report_row, "state": measure.state.value}
    tx.emit(
        ImprovementChanged.model_validate(
            {name: told[name] for name in ImprovementChanged.model_fields if name in told}
        )
    )


def _checked(wanted: Wanted) -> date:
    day = _day(wanted.due_on)
    rules = {
        "period": None if _PERIOD.fullmatch(wanted.period) else "a month such as 2026-10 or a week such as 2026-W47",
        "row": None if _ROW.fullmatch(wanted.row) else "the name of a report's row",
        "measure": _text_rule(wanted.measure),
        "owner": None if 0 < len(wanted.owner.strip()) <= 100 else "required",
        "due_on": None if day else "is no date",
        "department": None if wanted.department in ("", *DEPARTMENTS) else "is not one of the list",
    }
    errors = [{"field": field, "rule": rule} for field, rule in rules.items() if rule]
    if errors or day is None:
        raise Problem(422, _("有些内容不符合要求"), errors=errors)
    return day


def _text_rule(text: str) -> str | None:
    if not text.strip():
        return "required"
    return f"longer than {LONGEST} characters" if len(text) > LONGEST else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
