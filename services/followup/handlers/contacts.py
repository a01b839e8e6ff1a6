"""What happened between survey and the customer: attempts, ends of callbacks, suppressions, erasures."""

from collections.abc import Sequence

from chassis.runtime import Received
from chassis.transaction import Transaction
from contracts.events.scheduler import CallbackClosed
from contracts.events.survey import AttemptClosed
from contracts.vocabulary import CaseState, Purpose
from services.followup.case import Step
from services.followup.casework import contacted
from services.followup.contact import Attempt, reaches
from services.followup.promise import kept
from services.followup.requests import withdrawn
from services.followup.states import Action, allows
from services.followup.store import cases, contacts, items, promises
from services.followup.store.contacts import PartEnd
from services.followup.telling import record_promises, record_requests, record_steps


async def attempts_closed(tx: Transaction, batch: Sequence[Received]) -> None:
    """Keeps what may prove contact; one about a case or promise tells the customer, and keeps the promise in time."""
    found = {received.event.attempt_id: _attempt(received.event) for received in batch}
    worth = [attempt for attempt in found.values() if attempt.reached or attempt.about]
    added = await contacts.add_attempts(tx.connection, worth)
    told = [attempt for attempt in worth if attempt.attempt_id in added and attempt.reached and attempt.about]
    if not told:
        return
    await _keep_promises(tx, told)
    answered = {
        part.request_id
        for received in batch
        if received.event.attempt_id in added
        for part in received.event.parts
        if part.request_id
    }
    await _tell_cases(tx, told, answered)


async def callbacks_closed(tx: Transaction, batch: Sequence[Received]) -> None:
    """Remembers how callbacks with a progress part ended: the proof that a customer could not be reached."""
    await contacts.add_ends(tx.connection, [end for received in batch for end in _ends(received.event)])


async def contacts_suppressed(tx: Transaction, batch: Sequence[Received]) -> None:
    await contacts.put_suppressions(tx.connection, [received.event for received in batch])


async def customers_erased(tx: Transaction, batch: Sequence[Received]) -> None:
    await items.forget_texts(tx.connection, [received.event.customer_ref for received in batch])


async def _keep_promises(tx: Transaction, told: Sequence[Attempt]) -> None:
    made = {p.promise_id: p for p in await promises.of_customers(tx.connection, {a.customer_ref for a in told})}
    changed = {}
    for attempt in told:
        for promise in list(made.values()):
            after = kept(promise, attempt, tx.now)
            if after:
                made[promise.promise_id] = changed[promise.promise_id] = after
    await record_promises(tx, changed.values())


async def _tell_cases(tx: Transaction, told: Sequence[Attempt], answered: set[str]) -> None:
    made = await promises.of_customers(tx.connection, {attempt.customer_ref for attempt in told})
    case_of = {promise.promise_id: promise.case_id for promise in made}
    current = {case.case_id: case for case in await cases.of_customers(tx.connection, {a.customer_ref for a in told})}
    steps: list[Step] = []
    for attempt in sorted(told, key=lambda a: a.at):
        named = {about.case_id or case_of.get(about.promise_id or "") for about in attempt.about}
        for case_id in sorted(case_id for case_id in named if case_id in current):
            if allows(current[case_id].state, Action.CONTACT):
                step = contacted(current[case_id], attempt.attempt_id, attempt.at, tx.now)
                steps.append(step)
                current[case_id] = step.case
    await record_steps(tx, steps)
    just_told = [step.case.case_id for step in steps if step.entry.to_state is CaseState.TOLD]
    waiting = await contacts.open_requests_of_cases(tx.connection, just_told)
    # the customer knows already: what was asked for besides is not needed any more
    needless = [request for request in waiting if request.request_id not in answered] if answered else []
    await record_requests(tx, [(withdrawn(r), current[r.case_id].response_id) for r in needless if r.case_id])


def _attempt(event: AttemptClosed) -> Attempt:
    return Attempt(
        attempt_id=event.attempt_id,
        callback_id=event.callback_id,
        customer_ref=event.customer_ref,
        completion_ref=event.completion_ref,
        channel=event.channel,
        disposition=event.disposition,
        connected_at=event.connected_at,
        ended_at=event.ended_at,
        agent=event.agent,
        about=tuple(p.about for p in event.parts if p.purpose is Purpose.PROGRESS and p.about is not None),
        reached=reaches(event.channel, event.disposition, event.connected_at),
    )


def _ends(event: CallbackClosed) -> list[PartEnd]:
    return [
        PartEnd(
            callback_id=event.callback_id,
            part_id=part.part_id,
            request_id=part.request_id,
            case_id=part.about.case_id,
            promise_id=part.about.promise_id,
            suggestion_id=part.about.suggestion_id,
            customer_ref=event.customer_ref,
            explanation=event.explanation,
            closed_at=event.closed_at,
        )
        for part in event.parts
        if part.purpose is Purpose.PROGRESS and part.about is not None
    ]
