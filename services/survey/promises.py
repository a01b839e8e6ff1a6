"""A promise made to a customer: what, who, by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring, Vault
from contracts.events.survey import PromiseMade
from contracts.ids import named_id
from contracts.vocabulary import PromiseId
from services.survey.demands import Demanded
from services.survey.interview import Interview, response_id
from services.survey.store import promises
from services.survey.store.promises import PromiseRow


class PromiseKind(StrEnum):
    """A new demand is promised an answer like anything else; its words go to the library of demands besides."""

    PROMISE = "promise"
    NEW_DEMAND = "new_demand"


@dataclass(frozen=True)
class Promise:
    """`key` tells one promise of a callback from another: sending the same form twice makes one promise."""

    key: str
    what: str
    department: str
    due_at: datetime
    by: str
    kind: PromiseKind = PromiseKind.PROMISE


@dataclass(frozen=True)
class MadePromise:
    """`what` is None after an erasure."""

    promise_id: PromiseId
    what: str | None
    department: str
    due_at: datetime
    made_at: datetime
    made_by: str
    kind: PromiseKind = PromiseKind.PROMISE


async def make(tx: Transaction, interview: Interview, part_id: str, promise: Promise) -> PromiseId:
    """Stores and tells a promise, once for each key. Raises `InvalidAnswer` when the callback has no such part."""
    callback, form = interview.callback, interview.part(part_id)
    ref, response = callback.customer_ref, response_id(callback.callback_id, form.part.part_id)
    identifier = PromiseId(named_id("promise", response, promise.key))
    what = (await tx.vault.keyring(text=[ref])).seal_text(ref, "promise", promise.what)
    row = PromiseRow(identifier, ref, what, promise.department, promise.due_at, tx.now, promise.by, promise.kind)
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


async def demands_of(
    connection: asyncpg.Connection, keys: Keyring, callback_ids: Sequence[str]
) -> dict[str, tuple[Demanded, ...]]:
    """New demands by response, oldest first; `keys` open the words of these customers."""
    found: dict[str, tuple[Demanded, ...]] = {}
    for response, row in await promises.demands_of(connection, callback_ids):
        words = None if row.what is None else keys.open(row.customer_ref, "promise", row.what)
        noted = Demanded(None if words is ERASED else words, row.department)
        found[response] = (*found.get(response, ()), noted)
    return found


async def promises_of(connection: asyncpg.Connection, vault: Vault, callback_id: str) -> list[MadePromise]:
    """Oldest first."""
    return (await promises_of_all(connection, vault, [callback_id])).get(callback_id, [])


async def promises_of_all(
    connection: asyncpg.Connection, vault: Vault, callback_ids: Sequence[str]
) -> dict[str, list[MadePromise]]:
    """By callback, oldest first; one without a promise is left out."""
    rows = await promises.promises_of(connection, callback_ids)
    keys = await vault.keyring(text={row.customer_ref for _, row in rows})
    found: dict[str, list[MadePromise]] = {}
    for callback_id, row in rows:
        what = None if row.what is None else keys.open(row.customer_ref, "promise", row.what)
        made = MadePromise(
            promise_id=PromiseId(row.promise_id),
            what=None if what is ERASED else what,
            department=row.department,
            due_at=row.due_at,
            made_at=row.made_at,
            made_by=row.made_by,
            kind=PromiseKind(row.kind),
        )
        found.setdefault(callback_id, []).append(made)
    return found
