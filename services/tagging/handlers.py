"""What tagging does with each event: rules decide, the store writes, the outbox tells."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from chassis.errors import InvalidEvent
from chassis.runtime import Received
from chassis.transaction import Transaction
from chassis.turns import in_turns
from chassis.vault import ERASED, Keyring, scope_of
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.context import ServiceContext
from contracts.events.survey import ResponseRecorded
from services.tagging.items import Item, Tagged, is_detractor, low_answers, tag
from services.tagging.judgement import Judgement, corrected, ruled
from services.tagging.lexicon import shipped
from services.tagging.metrics import ITEMS, UNROUTED
from services.tagging.revisions import ItemRow, as_found_then, compared, withdrawn
from services.tagging.store import customers
from services.tagging.store import responses as store
from services.tagging.telling import record_items
from services.tagging.telling import tagged as told


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
    items = await store.items_of(tx.connection, list(known)) if known else {}
    rows: list[store.ResponseRow] = []
    found: list[Item] = []
    changed: list[tuple[ItemRow, UUID | None]] = []
    async for received in in_turns(fresh):
        event: ResponseRecorded = received.event
        before = known.get(event.response_id) or unseen
        tagged = _tagged(received, keys, before, items.get(event.response_id, []))
        found += tagged.items
        revision = before.tagging_revision + 1
        row = _row(event, tagged, tagging_revision=revision, keys=keys, tx=tx)
        rows.append(row)
        tx.emit(
            told(
                event, tagged.items, tags=row.tags, tagging_revision=revision, lexicon_version=row.lexicon_version,
                at=row.tagged_at,
            ),
            cause=received.event_id,
        )  # fmt: skip
        news = compared(event, tagged.items, items.get(event.response_id, []), tx.now)
        changed += [(item, received.event_id) for item in news]
    _count(tx, found)
    await store.put_responses(tx.connection, rows)
    await record_items(tx, changed)
    await customers.mark(tx.connection, [row.customer_ref for row in rows], tx.now)


async def responses_voided(tx: Transaction, batch: Sequence[Received]) -> None:
    """Takes every item of the responses back; a response that comes later finds the mark and raises nothing."""
    causes = {received.event.response_id: received for received in batch}
    newly = await store.void(tx.connection, [received.event for received in batch])
    await customers.mark(tx.connection, [received.event.customer_ref for received in batch], tx.now)
    items = await store.items_of(tx.connection, newly)
    await record_items(
        tx, [(row, causes[row.response_id].event_id) for rows in items.values() for row in withdrawn(rows, tx.now)]
    )


async def services_accepted(tx: Transaction, batch: Sequence[Received]) -> None:
    """Level and purchases ride in the context: the tags of these customers are due."""
    await store.put_completions(tx.connection, [received.event for received in batch])
    await customers.mark(tx.connection, [received.event.customer_ref for received in batch], tx.now)


async def customers_erased(tx: Transaction, batch: Sequence[Received]) -> None:
    await store.forget_texts(tx.connection, [received.event.customer_ref for received in batch])


def _tagged(received: Received, keys: Keyring, before: store.Known, items: Sequence[ItemRow]) -> Tagged:
    """What the rules find; what a person held of the response before, or an older lexicon in the same words, stays."""
    event: ResponseRecorded = received.event
    sheet = keys.open_as(AnswerSheet, event.customer_ref, "answers", event.answers)
    if sheet is ERASED:
        raise InvalidEvent(received.event_id, "answers", "is sealed under a month whose key was destroyed")
    words = _words(event.texts, event, keys)
    context = keys.open_as(ServiceContext, event.customer_ref, "context", event.context)
    found = tag(
        event.response_id, sheet, texts=words, context=None if context is ERASED else context, lexicon=shipped()
    )
    if before.lexicon_version not in (None, shipped().version) and words == _words(before.texts, event, keys):
        found = Tagged(found.sheet, tuple(as_found_then(found.items, items)))
    held = keys.open_as(Judgement, event.customer_ref, "judgement", before.judgement) if before.judgement else ERASED
    if held is ERASED:
        return found
    low = bool(low_answers(sheet)) or is_detractor(sheet)
    wanted = ruled(found.items, held, texts=words, low=low, lexicon=shipped())
    return Tagged(corrected(found.sheet, held, shipped().version), tuple(wanted))


def _words(sealed: str | None, event: ResponseRecorded, keys: Keyring) -> dict[str, str]:
    texts = keys.open_as(AnswerTexts, event.customer_ref, "texts", sealed) if sealed else ERASED
    return {} if texts is ERASED else texts.texts


def _count(tx: Transaction, found: Sequence[Item]) -> None:
    for kind, count in Counter(item.kind for item in found).items():
        tx.count(ITEMS.labels(kind), count)
    for kind, count in Counter(item.kind for item in found if item.fallback).items():
        tx.count(UNROUTED.labels(kind), count)


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
