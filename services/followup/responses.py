"""A response as followup keeps it, and the words of an item cut from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.events.parts import About, Span
from contracts.vocabulary import Channel, ItemKind, ItemState, Purpose, Severity


@dataclass(frozen=True)
class Response:
    """`answers`, `texts`, `context` are sealed."""

    response_id: str
    customer_ref: str
    completion_ref: str
    revision: int
    purpose: Purpose
    channel: Channel
    about: About | None
    agent: str | None
    answers: str
    texts: str | None
    context: str
    connected_at: datetime | None
    ended_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Item:
    item_id: str
    item_revision: int
    state: ItemState
    kind: ItemKind
    response_id: str
    response_revision: int
    customer_ref: str
    completion_ref: str
    department: str
    team: str | None
    codes: tuple[str, ...]
    severity: Severity
    due_policy: str
    spans: tuple[Span, ...]
    about: About | None
    routed_at: datetime

    @property
    def opens_case(self) -> bool:
        """A problem of a first answer that is more than a remark."""
        return (
            self.kind is ItemKind.PROBLEM
            and self.about is None
            and self.severity is not Severity.REMARK
            and self.state is not ItemState.WITHDRAWN
        )


def cut(texts: Mapping[str, str], spans: Sequence[Span]) -> list[str]:
    """The words that the spans mark; what lies outside the text (another revision) is left out."""
    pieces = [texts.get(span.question_id, "")[span.start : span.end].strip() for span in spans]
    return [piece for piece in pieces if piece]
