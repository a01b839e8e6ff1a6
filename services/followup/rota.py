"""Who gets the next case of a department that deals them out in turn."""

from collections.abc import Sequence

from chassis.transaction import Transaction
from contracts.vocabulary import CaseState
from services.followup.case import SYSTEM, Actor, Case, Step
from services.followup.casework import assigned
from services.followup.members import colleagues
from services.followup.store import house

_WITHOUT_WORK = frozenset({CaseState.OPEN, CaseState.REOPENED})


def next_in_turn(members: Sequence[Actor], last: str | None) -> Actor | None:
    """The one after `last` by login, from the start after the last; None when nobody is there."""
    ordered = sorted(members, key=lambda member: member.login)
    return next((member for member in ordered if last is None or member.login > last), ordered[0] if ordered else None)


async def dealt_out(tx: Transaction, steps: Sequence[Step]) -> list[Step]:
    """An owner for each case that these steps left without one, where the department deals out in turn."""
    newest = {step.case.case_id: step.case for step in steps}
    free = [case for case in newest.values() if case.owner is None and case.state in _WITHOUT_WORK]
    last = await house.rotas(tx.connection, {case.department for case in free}) if free else {}
    given = []
    for department in sorted(last):
        members = await colleagues(tx.connection, department)
        given += await _given(tx, [case for case in free if case.department == department], members, last[department])
    return given


async def _given(tx: Transaction, free: Sequence[Case], members: Sequence[Actor], last: str | None) -> list[Step]:
    steps = []
    for case in free:
        owner = next_in_turn(members, last)
        if owner is None:
            return []
        last = owner.login
        steps.append(assigned(case, owner, SYSTEM, tx.now))
    if steps and last:
        await house.had_a_turn(tx.connection, free[0].department, last)
    return steps
