"""What tagging tells: bands and tags, and the items that departments own. No text, no name in any of them."""

from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from contracts.envelope import CompletionEvent, CustomerEvent
from contracts.events.parts import About, Piece, Span
from contracts.vocabulary import Dimension, ItemId, ItemKind, ItemState, ResponseId, Score, Sealed, Severity


class Band(StrEnum):
    """Bands of a single score, never of a mean or of the recommendation question."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


def band_of(score: Score) -> Band:
    """1–2 不满意, 3–4 一般, 5 非常满意 (TG1, version 1). The label of an option is another thing."""
    if score <= Score.DISSATISFIED:
        return Band.LOW
    return Band.HIGH if score is Score.VERY_SATISFIED else Band.MIDDLE


class Provenance(StrEnum):
    RULE = "rule"
    PERSON = "person"
    MODEL = "model"


class Tag(Piece):
    """One finding with its evidence."""

    code: str
    kind: ItemKind
    spans: tuple[Span, ...] = ()
    provenance: Provenance
    version: str


class TagSheet(Piece):
    """What travels sealed in `ResponseTagged.tags`."""

    bands: dict[Dimension, Band] = Field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    detractor: bool = False
    signs: tuple[str, ...] = ()
    """Codes of customer tags that the customer's own words speak for."""


class ItemRef(Piece):
    item_id: ItemId
    kind: ItemKind
    department: str
    codes: tuple[str, ...] = ()


class ResponseTagged(CompletionEvent):
    topic: ClassVar[str] = "response-tagged"

    response_id: ResponseId
    revision: int
    tagging_revision: int
    tags: Sealed
    """`TagSheet`, sealed as facts, field `tags`."""
    items: tuple[ItemRef, ...]
    lexicon_version: str
    tagged_at: AwareDatetime


class CustomerMark(Piece):
    """One tag of a customer with the rule that gave it: `seen` reached `limit`."""

    code: str
    """high_value, complaint_risk, active_suggester."""
    because: str
    """level, purchases, amount, low_scores, complaints, signs, suggestions."""
    seen: float
    limit: float


class CustomerTagSheet(Piece):
    """What travels sealed in `CustomerTagged.tags`; no mark: the customer has no tag any more."""

    marks: tuple[CustomerMark, ...] = ()
    rules_version: int = 1


class CustomerTagged(CustomerEvent):
    topic: ClassVar[str] = "customer-tagged"

    tags: Sealed
    """`CustomerTagSheet`; facts of the month of `tagged_at`, field `customer_tags`."""
    revision: int
    tagged_at: AwareDatetime


class _ItemRouted(CompletionEvent):
    item_id: ItemId
    item_revision: int
    state: ItemState
    kind: ItemKind
    response_id: ResponseId
    response_revision: int
    spans: tuple[Span, ...] = ()
    department: str
    team: str | None = None
    codes: tuple[str, ...] = ()
    severity: Severity
    due_policy: str
    """Name of the department's rule for the due time, such as `working_days:2`."""
    about: About | None = None
    link: str
    routed_at: AwareDatetime


class LowScoreFlagged(_ItemRouted):
    """A problem for the responsible department."""

    topic: ClassVar[str] = "low-score-flagged"


class SuggestionRouted(_ItemRouted):
    """A suggestion or a new demand for the library."""

    topic: ClassVar[str] = "suggestion-routed"


class PraiseRouted(_ItemRouted):
    """Praise for the service team."""

    topic: ClassVar[str] = "praise-routed"
