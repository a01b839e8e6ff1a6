"""A promise made to a customer: what, who, by when."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.transaction import Transaction
from chassis.vault import ERASED, Vault
from contracts.events.survey import PromiseMade
from contracts.ids import named_id
from contracts.vocabulary import PromiseId
from services.survey.interview import Interview, response_id
from services.survey.store import promises
from services.survey.store.promises import PromiseRow


@dataclass(frozen=True)
class Promise:
    """`key` tells one promise of a callback from another: sending the same form twice makes one promise."""

    key: str
    what: str
    department: str
    due_at: datetime
    by: str


@dataclass(frozen=True)
class MadePromise:
    """`what` is None after an erasure."""

    promise_id: PromiseId
    what: str | None
    department: str
    due_at: datetime
    made_at: datetime
    made_by: str


async def make(tx: Transaction, interview: Interview, part_id: str, promise: Promise) -> PromiseId:
    """Stores and tells a promise, once for each key. Raises `InvalidAnswer` when the callback has no such part."""
    callback, form = interview.callback, interview.part(part_id)
    ref, response = callback.customer_ref, response_id(callback.callback_id, form.part.part_id)
    identifier = PromiseId(named_id("promise", response, promise.key))
    what = (await tx.vault.keyring(text=[ref])).seal_text(ref, "promise", promise.what)
    row = PromiseRow(identifier, ref, what, promise.department, promise.due_at, tx.now, promise.by)
    if await promises.insert(tx.connection, row, response_id=response, callback_id=callback.callback_id):
        tx.emit(
            PromiseMade(
                customer_ref=ref,
                completion_ref=callback.completion_ref,
                promise_id=identifier,
                response_id=response,
                callback_id=callback.callback_id,
                what=what,
                department=promise.department,
                due_at=promise.due_at,
                made_at=tx.now,
                by=promise.by,
            )
        )
    return identifier


async def promises_of(connection: asyncpg.Connection, vault: Vault, callback_id: str) -> list[MadePromise]:
    """Oldest first."""
    rows = await promises.promises_of(connection, callback_id)
    keys = await vault.keyring(text={row.customer_ref for row in rows})
    opened = [None if row.what is None else keys.open(row.customer_ref, "promise", row.what) for row in rows]
    return [
        MadePromise(
            promise_id=PromiseId(row.promise_id),
            what=None if what is ERASED else what,
            department=row.department,
            due_at=row.due_at,
            made_at=row.made_at,
            made_by=row.made_by,
        )
        for row, what in zip(rows, opened, strict=True)
    ]
