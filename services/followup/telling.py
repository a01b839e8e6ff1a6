"""What changed is stored and told in one move."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.transaction import Transaction
from contracts.events.followup import CaseChanged, PromiseChanged
from services.followup.case import Case, Step
from services.followup.promise import Promise
from services.followup.requests import Request, told
from services.followup.store import cases, contacts, promises


async def record_steps(tx: Transaction, steps: Sequence[Step], cause: UUID | None = None) -> None:
    """Appends every step to its history; tells each case once, as it is after the last one."""
    if not steps:
        return
    for case in await cases.save(tx.connection, steps):
        tx.emit(case_changed(case), cause=cause)


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
    return CaseChanged.model_validate(
        {name: value for name, value in vars(case).items() if name in CaseChanged.model_fields}
    )


def promise_changed(promise: Promise) -> PromiseChanged:
    return PromiseChanged.model_validate(
        {name: value for name, value in vars(promise).items() if name in PromiseChanged.model_fields}
    )
