"""What the ledger found: one line a check, every defect by name, never a word of a customer."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

NAMED = 50
"""Defects of one statement that are named; further ones are only counted."""


class Kind(StrEnum):
    """lost: should be here and is not. twice: took effect more than once. wrong: here, but not as it should be."""

    lost = "lost"
    twice = "twice"
    wrong = "wrong"


@dataclass(frozen=True)
class Defect:
    """One thing that is not as it should be. `subject` is an id of ours, `place` a topic or a table."""

    kind: Kind
    service: str
    place: str
    subject: str
    sentence: str


@dataclass
class Check:
    """One line of the ledger. `oldest_seconds` is the age of the oldest thing in flight (machine clock).

    `set_aside` counts by name what waits for a person or lies outside what is kept: dead letters, parked records.
    """

    name: str
    looked_at: int = 0
    in_flight: int = 0
    oldest_seconds: float = 0.0
    duplicates: int = 0
    lost: int = 0
    twice: int = 0
    wrong: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.twice or self.wrong)

    def found(self, kind: Kind, number: int, named: Iterable[Defect]) -> None:
        """`number` defects of a kind, of which some are named."""
        setattr(self, kind.value, getattr(self, kind.value) + number)
        self.defects.extend(islice(named, NAMED))

    def flying(self, number: int, oldest_seconds: float | None) -> None:
        self.in_flight += number
        self.oldest_seconds = max(self.oldest_seconds, oldest_seconds or 0.0)

    def aside(self, name: str, number: int) -> None:
        if number:
            self.set_aside[name] = self.set_aside.get(name, 0) + number


@dataclass(frozen=True)
class Verdict:
    """All checks of one look. `in_flight` and `duplicates` are no defects."""

    checks: tuple[Check, ...]

    @property
    def clean(self) -> bool:
        return all(check.clean for check in self.checks)

    @property
    def in_flight(self) -> int:
        return sum(check.in_flight for check in self.checks)

    @property
    def duplicates(self) -> int:
        return sum(check.duplicates for check in self.checks)

    @property
    def lost(self) -> int:
        return sum(check.lost for check in self.checks)

    @property
    def twice(self) -> int:
        return sum(check.twice for check in self.checks)

    @property
    def wrong(self) -> int:
        return sum(check.wrong for check in self.checks)

    @property
    def defects(self) -> tuple[Defect, ...]:
        return tuple(defect for check in self.checks for defect in check.defects)

    def as_json(self) -> dict[str, Any]:
        totals = {name: getattr(self, name) for name in ("in_flight", "duplicates", "lost", "twice", "wrong")}
        return {
            "clean": self.clean,
            **totals,
            "checks": [asdict(check) | {"clean": check.clean} for check in self.checks],
        }
