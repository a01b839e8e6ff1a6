"""What the items of a newer revision mean for the items known so far. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.events.parts import About, Span
from contracts.events.survey import ResponseRecorded
from contracts.vocabulary import ItemKind, ItemState, Severity
from services.tagging.items import Item


@dataclass(frozen=True)
class ItemRow:
    """One revision of an item, as it is stored and told."""

    item_id: str
    item_revision: int
    response_id: str
    response_revision: int
    customer_ref: str
    completion_ref: str
    state: ItemState
    kind: ItemKind
    department: str
    team: str | None
    codes: tuple[str, ...]
    severity: Severity
    due_policy: str
    spans: tuple[Span, ...]
    about: About | None
    routed_at: datetime


def compared(event: ResponseRecorded, wanted: Sequence[Item], known: Sequence[ItemRow], now: datetime) -> list[ItemRow]:
    """Rows to store and to tell: raised, changed, withdrawn; what stays withdrawn is left out."""
    by_id = {row.item_id: row for row in known}
    rows = [_row(event, item, by_id.get(item.item_id), now) for item in wanted]
    gone = [row for row in known if row.item_id not in {item.item_id for item in wanted}]
    return rows + withdrawn(gone, now, response_revision=event.revision)


def withdrawn(rows: Iterable[ItemRow], now: datetime, response_revision: int | None = None) -> list[ItemRow]:
    """The rows, taken back; those already taken back are left out."""
    return [
        replace(
            row,
            item_revision=row.item_revision + 1,
            response_revision=response_revision or row.response_revision,
            state=ItemState.WITHDRAWN,
            routed_at=now,
        )
        for row in rows
        if row.state is not ItemState.WITHDRAWN
    ]


def _row(event: ResponseRecorded, item: Item, before: ItemRow | None, now: datetime) -> ItemRow:
    again = before is not None and before.state is not ItemState.WITHDRAWN
    return ItemRow(
        item_id=item.item_id,
        item_revision=before.item_revision + 1 if before else 1,
        response_id=event.response_id,
        response_revision=event.revision,
        customer_ref=event.customer_ref,
        completion_ref=event.completion_ref,
        state=ItemState.CHANGED if again else ItemState.RAISED,
        kind=item.kind,
        department=item.department,
        team=item.team,
        codes=item.codes,
        severity=item.severity,
        due_policy=item.due_policy,
        spans=item.spans,
        about=event.about,
        routed_at=now,
    )
