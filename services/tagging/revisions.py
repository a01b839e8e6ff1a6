"""What the items of a newer revision mean for the items known so far. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from contracts.events.parts import About, Span
from contracts.vocabulary import ItemKind, ItemState, Severity
from services.tagging.finding import Place
from services.tagging.items import Item


class Answered(Protocol):
    """The response that items belong to: an event, or what is stored of it."""

    @property
    def response_id(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def customer_ref(self) -> str: ...
    @property
    def completion_ref(self) -> str: ...
    @property
    def about(self) -> About | None: ...


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


def compared(event: Answered, wanted: Sequence[Item], known: Sequence[ItemRow], now: datetime) -> list[ItemRow]:
    """Rows to store and to tell: raised, changed, withdrawn; what stays withdrawn is left out."""
    by_id = {row.item_id: row for row in known}
    rows = [_row(event, item, by_id.get(item.item_id), now) for item in wanted]
    gone = [row for row in known if row.item_id not in {item.item_id for item in wanted}]
    return rows + withdrawn(gone, now, response_revision=event.revision)


def moved(response: Answered, wanted: Sequence[Item], known: Sequence[ItemRow], now: datetime) -> list[ItemRow]:
    """As `compared`, for a correction of the same revision: items that stay as they are need not be told again."""
    before = {row.item_id: row for row in known}
    rows = compared(response, wanted, known, now)
    return [row for row in rows if row.item_id not in before or _told(row) != _told(before[row.item_id])]


def as_found_then(wanted: Sequence[Item], known: Sequence[ItemRow]) -> list[Item]:
    """For words that stayed the same while the lexicon changed: what the older one found stays, nothing else is raised.

    The score still decides: how severe the problems are, and that a low one has a problem.
    """
    live = {row.item_id: as_item(row) for row in known if row.state is not ItemState.WITHDRAWN}
    there = {item.item_id for item in wanted}
    severity = next((item.severity for item in wanted if item.kind is ItemKind.PROBLEM), Severity.REMARK)
    stays = [
        item._replace(severity=severity) if item.kind is ItemKind.PROBLEM else item
        for item in live.values()
        if item.item_id not in there
    ]
    had = any(item.kind is ItemKind.PROBLEM for item in live.values())
    needed = severity is not Severity.REMARK and not had
    new = [item for item in wanted if item.item_id in live or (needed and item.kind is ItemKind.PROBLEM)]
    return [*new, *stays]


def as_item(row: ItemRow) -> Item:
    same = {name: getattr(row, name) for name in Item._fields if name not in ("spans", "fallback")}
    return Item(**same, spans=tuple(Place(span.question_id, span.start, span.end) for span in row.spans))


def _told(row: ItemRow) -> tuple[object, ...]:
    gone = row.state is ItemState.WITHDRAWN
    return gone, row.kind, row.department, row.codes, row.severity, row.due_policy, row.spans


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


def _row(event: Answered, item: Item, before: ItemRow | None, now: datetime) -> ItemRow:
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
        spans=tuple(Span(question_id=question_id, start=start, end=end) for question_id, start, end in item.spans),
        about=event.about,
        routed_at=now,
    )
