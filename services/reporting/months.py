"""Months opened into memory: facts lie sealed in the database and are opened once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from chassis.runtime import Runtime
from chassis.vault import Keyring, scope_of
from services.reporting.frame import month_frame, opened_facts, still_known
from services.reporting.limits import read_limits
from services.reporting.shelf import Shelf
from services.reporting.span import Month
from services.reporting.store import month as store

LARGE = 5_000  # responses from which a month takes longer to open than a reader of a page waits
KEPT = 3  # months in memory: the current one, the last, and one that somebody looks back at

LIMITS = read_limits()


@dataclass(frozen=True)
class OpenMonth:
    """A month as of one change count. `facts`: what was opened for it, for the next change.

    `at`: when it was opened. `behind`: it has changed since.
    """

    changes: int
    at: datetime
    facts: pl.DataFrame
    month: Month
    behind: bool = False


def is_large(opened: OpenMonth) -> bool:
    return opened.month.frame.height >= LARGE


_shelves: WeakKeyDictionary[Runtime, Shelf[OpenMonth]] = WeakKeyDictionary()


async def open_month(runtime: Runtime, period: str, *, current: bool = False) -> OpenMonth:
    """The month as the read model holds it; opened anew only when something of it has changed.

    A large one may be a little older unless it must be `current` (see `shelf`).
    """
    async with runtime.reading() as connection:
        changes = await store.changes(connection, period)

    async def anew(held: OpenMonth | None) -> tuple[object, OpenMonth]:
        opened = await _opened(runtime, period, held.facts if held else None)
        return opened.changes, opened

    shelf = _shelves.setdefault(runtime, Shelf(KEPT, is_large))
    found = await shelf.get(period, changes, anew, current=current)
    return replace(found, behind=found.changes < changes)


async def _opened(runtime: Runtime, period: str, held: pl.DataFrame | None) -> OpenMonth:
    now = await runtime.now()
    async with runtime.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        changes = await store.changes(connection, period)
        told = await store.responses(connection, period)
        known = await asyncio.to_thread(still_known, told, held)
        sealed = await store.sealed(connection, told.join(known, on="response_id", how="anti")["response_id"].to_list())
        ledger = await store.ledger(connection, period)
        explanations = await store.explanations(connection, period)
    keys = await runtime.vault.keyring(facts=_scopes(sealed) | {period})
    # decryption and parsing of a large month would hold up the pages of everybody else
    facts = await asyncio.to_thread(opened_facts, told, sealed, partial(_open_fact, keys), known)
    frame = await asyncio.to_thread(month_frame, told, facts)
    return OpenMonth(changes, now, facts, Month(period, ledger, frame, explanations))


def _scopes(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    sealed = (row[name] for row in rows for name in ("context_sealed", "answers_sealed", "tags_sealed") if row[name])
    return {scope_of(text) for text in sealed}


def _open_fact(keys: Keyring, ref: str, field: str, sealed: str) -> str | None:
    value = keys.open_json(ref, field, sealed)
    return value if isinstance(value, str) else None
