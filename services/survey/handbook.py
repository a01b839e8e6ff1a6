"""The agents' handbook: common questions with their answers, and offers or news for a customer. Rules, no storage.

A change is a new version of the entry; the newest version holds unless it is withdrawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.vocabulary import Scenario


class Kind(StrEnum):
    FAQ = "faq"
    OFFER = "offer"


class Outcome(StrEnum):
    """What became of an entry in a call: a question answered by it; an offer told, or wanted."""

    USED = "used"
    TOLD = "told"
    INTERESTED = "interested"


OUTCOMES = {Kind.FAQ: (Outcome.USED,), Kind.OFFER: (Outcome.TOLD, Outcome.INTERESTED)}


@dataclass(frozen=True)
class Entry:
    """One version. Empty `scenarios`, `products`, `levels`: for all; `products` are words of a product's name."""

    entry_id: str
    version: int
    kind: Kind
    title: str
    body: str
    scenarios: tuple[str, ...]
    products: tuple[str, ...]
    levels: tuple[str, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    withdrawn: bool
    written_by: str
    written_at: datetime
    uses: int = 0
    """Calls of the last 30 days in which it was used."""


@dataclass(frozen=True)
class Situation:
    """What the entries are chosen by."""

    scenario: Scenario
    product: str | None
    level: str | None
    now: datetime


def holds(entry: Entry, now: datetime) -> bool:
    """From `valid_from`, and until right before `valid_until`."""
    begun = entry.valid_from is None or entry.valid_from <= now
    return not entry.withdrawn and begun and (entry.valid_until is None or now < entry.valid_until)


def fits(entry: Entry, situation: Situation) -> bool:
    """Whether the entry is for this scenario, product and level at this moment."""
    product, level = (situation.product or "").casefold(), (situation.level or "").casefold()
    return (
        holds(entry, situation.now)
        and (not entry.scenarios or situation.scenario in entry.scenarios)
        and (not entry.products or any(word.casefold() in product for word in entry.products))
        and (not entry.levels or any(word.casefold() in level for word in entry.levels))
    )


def found(entries: Sequence[Entry], words: str) -> list[Entry]:
    """Entries in which every word occurs: those that name it in the title first, then the specific, then the used."""
    wanted = words.casefold().split()
    hits = [entry for entry in entries if all(word in _text(entry) for word in wanted)]
    return sorted(hits, key=lambda entry: (-_in_title(entry, wanted), -_narrowness(entry), -entry.uses, entry.title))


def _text(entry: Entry) -> str:
    return f"{entry.title}\n{entry.body}".casefold()


def _in_title(entry: Entry, wanted: Sequence[str]) -> int:
    return sum(word in entry.title.casefold() for word in wanted)


def _narrowness(entry: Entry) -> int:
    return bool(entry.scenarios) + 2 * bool(entry.products) + bool(entry.levels)
