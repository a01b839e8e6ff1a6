"""What tagging does with each event: rules decide, the store writes, the outbox tells."""

from collections.abc import Sequence

from chassis.errors import InvalidEvent
from chassis.runtime import Received
from chassis.transaction import Transaction
from chassis.vault import ERASED, Keyring, scope_of
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.context import ServiceContext
from contracts.events.survey import ResponseRecorded
from contracts.events.tagging import (
    ItemRef,
    LowScoreFlagged,
    PraiseRouted,
    ResponseTagged,
    SuggestionRouted,
)
from contracts.vocabulary import ItemKind, Sealed
from services.tagging import store
from services.tagging.items import Tagged, tag
from services.tagging.lexicon import shipped
from services.tagging.metrics import ITEMS, UNROUTED
from services.tagging.revisions import ItemRow, compared, withdrawn

_EVENT_OF_KIND = {
    ItemKind.PROBLEM: LowScoreFlagged,
    ItemKind.SUGGESTION: SuggestionRouted,
    ItemKind.NEW_DEMAND: SuggestionRouted,
    ItemKind.PRAISE: PraiseRouted,
}


async def responses_recorded(tx: Transaction, batch: Sequence[Received]) -> None:
    """Tags the newest revision of each response; an older one, or one of a voided response, changes nothing."""
    newest = {r.event.response_id: r for r in sorted(batch, key=lambda r: r.event.revision)}
    known = await store.known(tx.connection, list(newest))
    unseen = store.Known(0, 0, voided=False)
    fresh = [
        received
        for response_id, received in newest.items()
        if received.event.revision > (known.get(response_id) or unseen).revision
        and not (known.get(response_id) or unseen).voided
    ]
    if not fresh:
        return
    months = {scope_of(sealed) for r in fresh for sealed in (r.event.answers, r.event.context)}
    keys = await tx.vault.keyring(text={r.event.customer_ref for r in fresh}, facts=months)
    items = await store.items_of(tx.connection, [r.event.response_id for r in fresh])
    rows: list[store.ResponseRow] = []
    changed: list[tuple[ItemRow, Received]] = []
    for received in fresh:
        event: ResponseRecorded = received.event
        tagged = _tagged(received, keys)
        _count(tx, tagged)
        revision = (known.get(event.response_id) or unseen).tagging_revision + 1
        row = _row(event, tagged, tagging_revision=revision, keys=keys, tx=tx)
        rows.append(row)
        tx.emit(_told(event, tagged, row), cause=received.event_id)
        news = compared(event, tagged.items, items.get(event.response_id, []), tx.now)
        changed += [(item, received) for item in news]
    await store.put_responses(tx.connection, rows)
    await _put_and_tell(tx, changed)


async def responses_voided(tx: Transaction, batch: Sequence[Received]) -> None:
    """Takes every item of the responses back; a response that comes later finds the mark and raises nothing."""
    causes = {received.event.response_id: received for received in batch}
    newly = await store.void(tx.connection, [received.event for received in batch])
    items = await store.items_of(tx.connection, newly)
    gone = [(row, causes[row.response_id]) for rows in items.values() for row in withdrawn(rows, tx.now)]
    await _put_and_tell(tx, gone)


async def services_accepted(tx: Transaction, batch: Sequence[Received]) -> None:
    await store.put_completions(tx.connection, [received.event for received in batch])


async def customers_erased(tx: Transaction, batch: Sequence[Received]) -> None:
    await store.forget_texts(tx.connection, [received.event.customer_ref for received in batch])


def _tagged(received: Received, keys: Keyring) -> Tagged:
    event: ResponseRecorded = received.event
    sheet = keys.open_as(AnswerSheet, event.customer_ref, "answers", event.answers)
    if sheet is ERASED:
        raise InvalidEvent(received.event_id, "answers", "is sealed under a month whose key was destroyed")
    texts = keys.open_as(AnswerTexts, event.customer_ref, "texts", event.texts) if event.texts else ERASED
    context = keys.open_as(ServiceContext, event.customer_ref, "context", event.context)
    return tag(
        event.response_id,
        sheet,
        texts={} if texts is ERASED else texts.texts,
        context=None if context is ERASED else context,
        lexicon=shipped(),
    )


def _count(tx: Transaction, tagged: Tagged) -> None:
    for item in tagged.items:
        tx.count(ITEMS.labels(item.kind))
        if item.fallback:
            tx.count(UNROUTED.labels(item.kind))


def _row(
    event: ResponseRecorded, tagged: Tagged, *, tagging_revision: int, keys: Keyring, tx: Transaction
) -> store.ResponseRow:
    month = scope_of(event.answers)
    return store.ResponseRow(
        response_id=event.response_id,
        customer_ref=event.customer_ref,
        completion_ref=event.completion_ref,
        revision=event.revision,
        tagging_revision=tagging_revision,
        purpose=event.purpose,
        round=event.round,
        recorded_at=event.recorded_at,
        answers=event.answers,
        texts=event.texts,
        tags=keys.seal_facts(month, event.customer_ref, "tags", tagged.sheet),
        lexicon_version=shipped().version,
        tagged_at=tx.now,
    )


def _told(event: ResponseRecorded, tagged: Tagged, row: store.ResponseRow) -> ResponseTagged:
    return ResponseTagged(
        customer_ref=event.customer_ref,
        completion_ref=event.completion_ref,
        response_id=event.response_id,
        revision=event.revision,
        tagging_revision=row.tagging_revision,
        tags=Sealed(row.tags),
        items=tuple(
            ItemRef(item_id=i.item_id, kind=i.kind, department=i.department, codes=i.codes) for i in tagged.items
        ),
        lexicon_version=row.lexicon_version,
        tagged_at=row.tagged_at,
    )


async def _put_and_tell(tx: Transaction, changed: Sequence[tuple[ItemRow, Received]]) -> None:
    await store.put_items(tx.connection, [row for row, _ in changed])
    for row, received in changed:
        routed = _EVENT_OF_KIND[row.kind]
        fields = {name: value for name, value in vars(row).items() if name in routed.model_fields}
        tx.emit(routed(**fields, link=f"/followup/items/{row.item_id}"), cause=received.event_id)
