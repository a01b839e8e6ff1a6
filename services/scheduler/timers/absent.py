"""Absences that have lasted: each becomes a completion by the one intake door."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from chassis.clock import business_now
from chassis.runtime import Received, Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED
from contracts.events.intake import IntakeCustomer
from contracts.ids import event_id
from services.scheduler import absences
from services.scheduler.absences import Absence, Profile
from services.scheduler.handlers.completions import accept
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.store import absences as store

BATCH = 500


async def call_the_absent(runtime: Runtime) -> int:
    """One pass; survives restarts, because the timer is a row. Busy customers wait for the next pass."""
    async with runtime.reading() as connection:
        due = await store.due(connection, await business_now(connection), BATCH)
    if not due:
        return 0
    refs = {absence.customer_ref for absence in due}
    async with runtime.transaction(customers=refs, skip_locked=True) as tx:
        still = await store.due(tx.connection, tx.now, BATCH)
        mine = [absence for absence in still if absence.customer_ref in tx.customers]
        await _fire(tx, mine)
    return len(mine)


async def next_absence(connection: asyncpg.Connection) -> datetime | None:
    return await store.next_due(connection)


async def _fire(tx: Transaction, due: Sequence[Absence]) -> None:
    rules = await rules_in_force(tx)
    known = await _profiles(tx, {absence.customer_ref for absence in due})
    documents = {
        absence: absences.document_of(absence, known[absence.customer_ref], rules.operator_zone)
        for absence in due
        if absence.customer_ref in known
    }
    fired = await store.fire(tx.connection, [(a, documents[a].service_id if a in documents else None) for a in due])
    told = [a for a in documents if (a.customer_ref, a.kind) in fired]
    received = [Received(documents[a], event_id(tx.now), tx.now, a.customer_ref) for a in told]
    if received:
        await accept(tx, received, road="timer")


async def _profiles(tx: Transaction, refs: set[str]) -> dict[str, Profile]:
    """Without those whose data were destroyed."""
    rows = await store.profiles(tx.connection, refs)
    keys = await tx.vault.keyring(contact=rows)
    found = {}
    for ref, (source, sealed) in rows.items():
        opened = keys.open(ref, "profile", sealed)
        if opened is not ERASED:
            found[ref] = Profile(source, IntakeCustomer.model_validate(opened))
    return found
