"""Tags of customers are worked out behind the events, so that no flag ever waits for them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from chassis.runtime import Loop, Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring, scope_of
from contracts.context import ServiceContext
from contracts.events.tagging import CustomerTagged, CustomerTagSheet, TagSheet
from contracts.vocabulary import CustomerRef, Sealed
from services.tagging.customers import History, Verdict, judge, rules
from services.tagging.store import customers
from services.tagging.store.customers import CustomerRow, Events

BATCH = 500
NAME = "customer tags"


async def tag_customers(runtime: Runtime) -> int:
    """May run in several processes at once; a customer whose tags did not change is not told of."""
    async with runtime.reading() as connection:
        due = await customers.due(connection, await runtime.now(), BATCH)
    if not due:
        return 0
    async with runtime.transaction(customers={row.customer_ref for row in due}, skip_locked=True) as tx:
        again = await customers.due(tx.connection, tx.now, BATCH)
        return await _retag(tx, [row for row in again if row.customer_ref in tx.customers])


async def _retag(tx: Transaction, rows: list[CustomerRow]) -> int:
    events = await customers.events_of(tx.connection, [row.customer_ref for row in rows], tx.now - rules().horizon)
    month = f"{tx.now.astimezone(ZoneInfo(tx.settings.operator_zone)):%Y-%m}"
    sealed = [s for e in events.values() for s in (e.context, *(tags for _, tags in e.sheets)) if s]
    sealed += [row.tags for row in rows if row.tags]
    keys = await tx.vault.keyring(facts={month, *map(scope_of, sealed)})
    after, dues = [], []
    for row in rows:
        verdict = judge(_history(events[row.customer_ref], row.customer_ref, keys), rules(), tx.now)
        dues.append(verdict.until)
        after.append(_told(tx, row, verdict, keys, month))
    await customers.put(tx.connection, after, dues, tx.now)
    return len(rows)


def _told(tx: Transaction, row: CustomerRow, verdict: Verdict, keys: Keyring, month: str) -> CustomerRow:
    """The row as it is to be stored; what changed is told."""
    sheet = CustomerTagSheet(marks=verdict.marks, rules_version=rules().version)
    before = keys.open_as(CustomerTagSheet, row.customer_ref, "customer_tags", row.tags) if row.tags else ERASED
    if (not sheet.marks and row.tags is None) or sheet == before:
        return row
    tags = keys.seal_facts(month, row.customer_ref, "customer_tags", sheet)
    told = CustomerTagged(
        customer_ref=CustomerRef(row.customer_ref), tags=Sealed(tags), revision=row.revision + 1, tagged_at=tx.now
    )
    tx.emit(told)
    return CustomerRow(row.customer_ref, told.revision, tags)


def _history(events: Events, ref: str, keys: Keyring) -> History:
    context = keys.open_as(ServiceContext, ref, "context", events.context) if events.context else ERASED
    signs = []
    for at, tags in events.sheets:
        sheet = keys.open_as(TagSheet, ref, "tags", tags)
        if sheet is not ERASED and "complaint_risk" in sheet.signs:
            signs.append(at)
    return History(
        context=None if context is ERASED else context,
        complaints=events.complaints,
        low_scores=events.low_scores,
        suggestions=events.suggestions,
        signs=tuple(signs),
    )


LOOPS = (Loop(NAME, tag_customers, timedelta(seconds=5), customers.next_due),)
