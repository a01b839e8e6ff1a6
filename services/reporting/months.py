"""Months opened into memory: facts lie sealed in the database and are opened once."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from chassis.runtime import Runtime
from chassis.vault import Keyring, scope_of
from services.reporting.frame import month_frame, opened_facts
from services.reporting.limits import read_limits
from services.reporting.span import Month
from services.reporting.store import month as store

KEPT = 3  # months in memory: the current one, the last, and one that somebody looks back at

LIMITS = read_limits()


@dataclass(frozen=True)
class OpenMonth:
    """A month as of one change count. `facts`: what was opened for it, for the next change."""

    changes: int
    facts: pl.DataFrame
    month: Month


class _Shelf:
    """The opened months of one running service. One caller opens, the others wait for it."""

    def __init__(self) -> None:
        self.months: OrderedDict[str, OpenMonth] = OrderedDict()
        self.opening = asyncio.Lock()


_shelves: WeakKeyDictionary[Runtime, _Shelf] = WeakKeyDictionary()


async def open_month(runtime: Runtime, period: str) -> OpenMonth:
    """The month as the read model holds it now; opened anew only when something of it has changed."""
    shelf = _shelves.setdefault(runtime, _Shelf())
    async with runtime.reading() as connection:
        changes = await store.changes(connection, period)
    held = shelf.months.get(period)
    if held is not None and held.changes == changes:
        return held
    async with shelf.opening:
        held = shelf.months.get(period)
        if held is None or held.changes < changes:
            shelf.months[period] = held = await _opened(runtime, period, held.facts if held else None)
        shelf.months.move_to_end(period)
        while len(shelf.months) > KEPT:
            shelf.months.popitem(last=False)
    return held


async def _opened(runtime: Runtime, period: str, known: pl.DataFrame | None) -> OpenMonth:
    async with runtime.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        changes = await store.changes(connection, period)
        rows = await store.responses(connection, period)
        ledger = await store.ledger(connection, period)
        explanations = await store.explanations(connection, period)
    keys = await runtime.vault.keyring(facts=_scopes(rows) | {period})
    # decryption and parsing of a large month would hold up the pages of everybody else
    facts = await asyncio.to_thread(opened_facts, rows, partial(_open_fact, keys), known)
    frame = await asyncio.to_thread(month_frame, rows, facts)
    return OpenMonth(changes, facts, Month(period, ledger, frame, explanations))


def _scopes(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    sealed = (row[name] for row in rows for name in ("context_sealed", "answers_sealed", "tags_sealed") if row[name])
    return {scope_of(text) for text in sealed}


def _open_fact(keys: Keyring, ref: str, field: str, sealed: str) -> str | None:
    value = keys.open_json(ref, field, sealed)
    return value if isinstance(value, str) else None
