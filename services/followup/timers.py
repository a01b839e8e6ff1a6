"""What time brings: progress callbacks that must be asked for, promises that fall due."""

from dataclasses import replace
from datetime import timedelta

from chassis.runtime import Loop, Runtime
from chassis.transaction import Transaction
from services.followup import asking
from services.followup.due import workdays
from services.followup.ladder import moved_up, next_at
from services.followup.mailing import record_moves
from services.followup.promise import Promise, asked, broken
from services.followup.store import cases, items, promises
from services.followup.telling import record_promises, record_requests, record_steps

BATCH = 1000


async def ask_for_progress(runtime: Runtime) -> int:
    """May run in several processes at once: a promise is asked for once."""
    async with runtime.reading() as connection:
        due = await promises.due_to_ask(connection, await runtime.now(), BATCH)
    if not due:
        return 0
    async with runtime.transaction(customers={p.customer_ref for p in due}, skip_locked=True) as tx:
        again = await promises.due_to_ask(tx.connection, tx.now, BATCH)
        return await _ask(tx, [promise for promise in again if promise.customer_ref in tx.customers])


async def break_promises(runtime: Runtime) -> int:
    async with runtime.reading() as connection:
        due = await promises.due_to_break(connection, await runtime.now(), BATCH)
    if not due:
        return 0
    async with runtime.transaction(customers={p.customer_ref for p in due}, skip_locked=True) as tx:
        again = await promises.due_to_break(tx.connection, tx.now, BATCH)
        tx.took("break promises", [promise.due_at for promise in again if promise.customer_ref in tx.customers])
        changed = [after for one in again if one.customer_ref in tx.customers and (after := broken(one, tx.now))]
        await record_promises(tx, changed)
        return len(changed)


async def climb(runtime: Runtime) -> int:
    """Reminds owners and calls the next rung; each move is a line of the case's history, made once."""
    async with runtime.reading() as connection:
        due = await cases.due_to_climb(connection, await runtime.now(), BATCH)
    if not due:
        return 0
    async with runtime.transaction(customers={case.customer_ref for case in due}, skip_locked=True) as tx:
        again = await cases.due_to_climb(tx.connection, tx.now, BATCH)
        mine = [case for case in again if case.customer_ref in tx.customers]
        tx.took("escalation", [case.next_at for case in mine if case.next_at])
        days = workdays(tx.settings)
        steps = [step for case in mine if (step := moved_up(case, days, tx.now))]
        await record_steps(tx, steps)
        await record_moves(tx, steps)
        moved = {step.case.case_id for step in steps}
        rest = [replace(case, next_at=next_at(case, days)) for case in mine if case.case_id not in moved]
        await cases.put_next(tx.connection, rest)
        return len(mine)


async def _ask(tx: Transaction, due: list[Promise]) -> int:
    tx.took("ask for progress", [promise.ask_at for promise in due])
    found = await cases.by_ids(tx.connection, {promise.case_id for promise in due if promise.case_id})
    first = await items.responses(tx.connection, {promise.response_id for promise in due})
    days = workdays(tx.settings)
    requests = []
    for promise in due:
        response = first.get(promise.response_id)
        case = found.get(promise.case_id or "")
        agent = response.agent if response else None
        requests.append((asking.for_promise(promise, case, agent, days=days, now=tx.now), promise.response_id))
    await record_requests(tx, requests)
    await promises.save(tx.connection, [asked(promise, tx.now) for promise in due])
    return len(due)


LOOPS = (
    Loop("escalation", climb, timedelta(seconds=5), cases.next_climb),
    Loop("ask for progress", ask_for_progress, timedelta(seconds=5), promises.next_ask),
    Loop("break promises", break_promises, timedelta(seconds=5), promises.next_break),
)
