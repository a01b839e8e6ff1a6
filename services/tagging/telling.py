"""What tagging stores of items and tags, told to the others in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from chassis.transaction import Transaction
from contracts.events.tagging import ItemRef, LowScoreFlagged, PraiseRouted, ResponseTagged, SuggestionRouted
from contracts.vocabulary import CompletionRef, CustomerRef, ItemKind, ResponseId, Sealed
from services.tagging.items import Item
from services.tagging.revisions import Answered, ItemRow
from services.tagging.store import responses

_EVENT_OF_KIND = {
    ItemKind.PROBLEM: LowScoreFlagged,
    ItemKind.SUGGESTION: SuggestionRouted,
    ItemKind.NEW_DEMAND: SuggestionRouted,
    ItemKind.PRAISE: PraiseRouted,
}
_TOLD_OF_ITEM = [field.name for field in fields(ItemRow) if field.name in LowScoreFlagged.model_fields]
"""The events of all kinds have the same fields."""


async def record_items(tx: Transaction, changed: Sequence[tuple[ItemRow, UUID | None]]) -> None:
    """Each row with the event that caused it, if one did."""
    await responses.put_items(tx.connection, [row for row, _ in changed])
    for row, cause in changed:
        told = {name: getattr(row, name) for name in _TOLD_OF_ITEM}
        tx.emit(_EVENT_OF_KIND[row.kind](**told, link=f"/followup/items/{row.item_id}"), cause=cause)


def tagged(
    response: Answered, items: Iterable[Item], *, tags: str, tagging_revision: int, lexicon_version: str, at: datetime
) -> ResponseTagged:
    return ResponseTagged(
        customer_ref=CustomerRef(response.customer_ref),
        completion_ref=CompletionRef(response.completion_ref),
        response_id=ResponseId(response.response_id),
        revision=response.revision,
        tagging_revision=tagging_revision,
        tags=Sealed(tags),
        items=tuple(ItemRef(item_id=i.item_id, kind=i.kind, department=i.department, codes=i.codes) for i in items),
        lexicon_version=lexicon_version,
        tagged_at=at,
    )
