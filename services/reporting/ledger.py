"""The frame of a month as the ledger tells it."""

from dataclasses import dataclass
from datetime import datetime

from services.reporting.weights import CellKey


@dataclass(frozen=True)
class CellCount:
    """N and n of one cell."""

    key: CellKey
    accepted: int
    selected: int


@dataclass(frozen=True)
class Rate:
    stratum: str
    rate_version: int
    rate: float
    expected: int | None
    certainty: bool


@dataclass(frozen=True)
class Ledger:
    """The frame of a month: from its closing when it is closed, else as far as it has arrived."""

    closed_at: datetime | None
    cells: tuple[CellCount, ...]
    rates: tuple[Rate, ...]
    out_of_frame: int
    rejected: int
