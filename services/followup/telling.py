"""What changed is stored and told in one move."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.transaction import Transaction
from contracts.events.followup import CaseChanged, PromiseChanged
from services.followup import feed
from services.followup.case import Case, Step
from services.followup.due import workdays
from services.followup.ladder import next_at
from services.followup.merging import echoes, speaks_to_led
from services.followup.promise import Promise
from services.followup.requests import Request, told
from services.followup.store import cases, contacts, promises


async def record_steps(tx: Transaction, steps: Sequence[Step], cause: UUID | None = None) -> None:
    """Appends every step to its history; tells each case once, as it is after the last one.

    What a leading case does, the cases it leads do with it. The ladder looks at each case when it next has to.
    """
    if not steps:
        return
    days = workdays(tx.settings)
    everything = [*steps, *await _echoes(tx, steps)]
    newest = {step.case.case_id: step.case for step in everything}
    looks = {case_id: next_at(case, days) for case_id, case in newest.items()}
    for case in await cases.save(tx.connection, everything, looks):
        tx.emit(case_changed(case), cause=cause)
    await feed.tell(tx, everything)


async def _echoes(tx: Transaction, steps: Sequence[Step]) -> list[Step]:
    heard = [step for step in steps if speaks_to_led(step)]
    if not heard:
        return []
    newest = {step.case.case_id: step.case for step in steps}
    led = await cases.led_by(tx.connection, {step.case.case_id for step in heard})
    return echoes(heard, [newest.get(case.case_id, case) for case in led], tx.now)


async def record_promises(tx: Transaction, changed: Iterable[Promise], cause: UUID | None = None) -> None:
    newest = {promise.promise_id: promise for promise in changed}
    await promises.save(tx.connection, list(newest.values()))
    for promise in newest.values():
        tx.emit(promise_changed(promise), cause=cause)


async def record_requests(tx: Transaction, requests: Sequence[tuple[Request, str | None]]) -> None:
    """Each with the response it goes back to. A request that was told before is not told again."""
    fresh = await contacts.put_requests(tx.connection, [request for request, _ in requests])
    for request, response_id in requests:
        if request.request_id in fresh:
            tx.emit(told(request, response_id))


def case_changed(case: Case) -> CaseChanged:
    return CaseChanged.model_validate(case, from_attributes=True)


def promise_changed(promise: Promise) -> PromiseChanged:
    return PromiseChanged.model_validate(promise, from_attributes=True)
