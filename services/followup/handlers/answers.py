"""Responses, their voiding, and what is promised to customers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from chassis.runtime import Received
from chassis.transaction import Transaction
from contracts.events.survey import PromiseMade
from contracts.vocabulary import ItemKind, PromiseState
from services.followup.case import Case, Step
from services.followup.casework import corrected, promised
from services.followup.due import Workdays, workdays
from services.followup.handlers.items import promise_new_demands
from services.followup.promise import Promise, joined, kept, withdrawn
from services.followup.responses import Response
from services.followup.store import cases, contacts, items, promises
from services.followup.telling import record_promises, record_steps


async def responses_recorded(tx: Transaction, batch: Sequence[Received]) -> None:
    """Keeps the newest revision, sealed; items that came before it now have their words."""
    rows = [Response(**{n: getattr(r.event, n) for n in Response.__dataclass_fields__}) for r in batch]
    fresh = await items.put_responses(tx.connection, rows)
    demands = await items.items_of_responses(tx.connection, fresh, ItemKind.NEW_DEMAND)
    await promise_new_demands(tx, demands)


async def responses_voided(tx: Transaction, batch: Sequence[Received]) -> None:
    """Promises of a voided answer are withdrawn and its cases closed as corrected: there never was a duty."""
    voided = [received.event.response_id for received in batch]
    await items.void_responses(tx.connection, [received.event for received in batch])
    made = await promises.of_responses(tx.connection, voided)
    gone = [promise for one in made if (promise := withdrawn(one, tx.now))]
    await record_promises(tx, gone)
    found = await cases.by_responses(tx.connection, voided)
    await record_steps(tx, [corrected(case, "response_voided", tx.now) for case in found if not case.is_closed])


async def promises_made(tx: Transaction, batch: Sequence[Received]) -> None:
    """Keeps each promise once; the cases of its response that its department has, or had, are due no later than it."""
    days = workdays(tx.settings)
    voided = await items.voided(tx.connection, [received.event.response_id for received in batch])
    made = [
        _promise(received.event, days, voided=received.event.response_id in voided, now=tx.now) for received in batch
    ]
    added = await promises.add(tx.connection, made)
    fresh = [promise for promise in made if promise.promise_id in added]
    open_now = [promise for promise in fresh if promise.state is PromiseState.OPEN]
    found = await cases.by_responses(tx.connection, [promise.response_id for promise in open_now])
    current = {case.case_id: case for case in found}
    once_in = await cases.left_departments(tx.connection, current) if current else {}
    steps: list[Step] = []
    changed = {promise.promise_id: promise for promise in fresh}
    for promise in open_now:
        for case in _joining(promise, list(current.values()), once_in):
            step = promised(case, promise.promise_id, promise.due_at, tx.now)
            steps.append(step)
            current[case.case_id] = step.case
            with_case = joined(changed[promise.promise_id], case.case_id, tx.now)
            changed[promise.promise_id] = with_case or changed[promise.promise_id]
    await record_steps(tx, steps)
    await record_promises(tx, await _kept_already(tx, list(changed.values())))


async def _kept_already(tx: Transaction, fresh: Sequence[Promise]) -> list[Promise]:
    """The contact that keeps a promise may be heard of before the promise is."""
    if not fresh:
        return []
    refs = {promise.customer_ref for promise in fresh}
    heard = await contacts.attempts_of(tx.connection, refs, min(promise.made_at for promise in fresh))
    settled = []
    for promise in fresh:
        proofs = (after for attempt in heard if (after := kept(promise, attempt, tx.now)))
        settled.append(next(proofs, promise))
    return settled


def _joining(promise: Promise, known: Iterable[Case], once_in: Mapping[str, Collection[str]]) -> list[Case]:
    """`once_in`: departments that each case has left; what they promised went along with it."""
    return [
        case
        for case in known
        if case.response_id == promise.response_id
        and promise.department in (case.department, *once_in.get(case.case_id, ()))
        and not case.is_closed
    ]


def _promise(event: PromiseMade, days: Workdays, *, voided: bool, now: datetime) -> Promise:
    return Promise(
        promise_id=event.promise_id,
        response_id=event.response_id,
        customer_ref=event.customer_ref,
        completion_ref=event.completion_ref,
        department=event.department,
        what=event.what,
        due_at=event.due_at,
        made_at=event.made_at,
        made_by=event.by,
        ask_at=days.ask_at(event.due_at, event.made_at),
        changed_at=now,
        state=PromiseState.WITHDRAWN if voided else PromiseState.OPEN,
    )
