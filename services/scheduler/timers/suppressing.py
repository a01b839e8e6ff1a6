"""Wishes not to be contacted, carried to every customer of the number or address."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from contracts.vocabulary import Explanation, SuppressionScope, SuppressionState
from services.scheduler.callback import Callback, PermitState
from services.scheduler.course import Step
from services.scheduler.handlers.closing import CancelReason, cancel
from services.scheduler.handlers.following import follow
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.handlers.linking import told
from services.scheduler.release import blocked_scopes, scope_of
from services.scheduler.store import callbacks, contacts, permits
from services.scheduler.store.contacts import Suppression, Wish

BATCH = 200
CALLED_BACK: CancelReason = "suppressed"


async def spread_wishes(runtime: Runtime) -> int:
    """One sequence per subject and scope; every customer of the subject hears each change once."""
    async with runtime.reading() as connection:
        wishes = await contacts.open_wishes(connection, BATCH)
        concerned = await _customers(connection, wishes)
    if not wishes:
        return 0
    names = {wish.subject for wish in wishes}
    refs = {ref for found in concerned.values() for ref in found}
    async with runtime.transaction(customers=refs, contacts=names) as tx:
        mine = await contacts.settle(tx.connection, [wish.wish_id for wish in wishes], tx.now)
        changed = await _decide(tx, [wish for wish in wishes if wish.wish_id in mine])
        for suppression in changed:
            for ref in concerned.get(suppression.subject, ()):
                tx.emit(told(suppression, ref))
        suppressed = {s.subject for s in changed if s.state == SuppressionState.SUPPRESSED}
        await _stop(tx, {ref for subject in suppressed for ref in concerned.get(subject, ())})
    return len(wishes)


async def next_wish(connection: asyncpg.Connection) -> datetime | None:
    """When the oldest wish that nobody was told of yet was heard."""
    return await contacts.next_wish(connection)


async def _customers(connection: asyncpg.Connection, wishes: Sequence[Wish]) -> dict[str, list[str]]:
    found = await contacts.customers_of(connection, {wish.subject for wish in wishes})
    own = {w.subject: [w.subject.partition(":")[2]] for w in wishes if w.subject.startswith("customer:")}
    return found | own


async def _decide(tx: Transaction, wishes: Sequence[Wish]) -> list[Suppression]:
    """The latest wish of a scope holds, a tie is out; "all are welcome again" lifts the narrower ones before it too."""
    held = await contacts.suppressions(tx.connection, {wish.subject for wish in wishes})
    changed: dict[tuple[str, str], Suppression] = {}
    for wish in wishes:
        scopes = [wish.scope]
        if wish.scope == SuppressionScope.ALL and wish.state == SuppressionState.LIFTED:
            scopes += [scope for subject, scope in held if subject == wish.subject and scope != SuppressionScope.ALL]
        for scope in scopes:
            before = held.get((wish.subject, scope))
            if before is not None and not _outweighs(wish, before):
                continue
            sequence = before.sequence + 1 if before else 1
            now = Suppression(wish.subject, scope, wish.state, wish.changed_at, sequence)
            held[wish.subject, scope] = changed[wish.subject, scope] = now
    await contacts.keep(tx.connection, list(changed.values()))
    return list(changed.values())


def _outweighs(wish: Wish, before: Suppression) -> bool:
    if wish.changed_at == before.changed_at:
        return wish.state == SuppressionState.SUPPRESSED != before.state
    return wish.changed_at > before.changed_at


async def _stop(tx: Transaction, refs: Collection[str]) -> None:
    """Callbacks of these customers end as opted out; where one channel only is closed, its permits are called back."""
    open_ones = [c for found in (await callbacks.open_of_customers(tx.connection, refs)).values() for c in found]
    names = {name for c in open_ones for name in c.subjects}
    blocked = await contacts.blocked_scopes(tx.connection, names)
    scopes = {c.callback_id: blocked_scopes(c.subjects, blocked) for c in open_ones}
    ended = [c for c in open_ones if SuppressionScope.ALL in scopes[c.callback_id]]
    await follow(tx, await rules_in_force(tx), [(c, Step(explanation=Explanation.OPTED_OUT)) for c in ended])
    for callback in open_ones:
        if callback not in ended:
            await _stop_channels(tx, callback, scopes[callback.callback_id])


async def _stop_channels(tx: Transaction, callback: Callback, scopes: Collection[str]) -> None:
    closed = [p for p in callback.permits if scope_of(p.channel) in scopes and p.state is not PermitState.ENDED]
    released = [(callback, p.permit_no, CALLED_BACK) for p in closed if p.state is PermitState.RELEASED]
    await cancel(tx, released)
    # the release loop finds another channel, or none
    await permits.replan(tx.connection, [replace(p, due_at=tx.now) for p in closed if p.state is PermitState.PENDING])
