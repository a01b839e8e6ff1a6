"""The frame of a month as the ledger tells it."""

from collections import defaultdict
from collections.abc import Sequence
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


def together(parts: Sequence[Ledger]) -> Ledger:
    """Parts of several months counted as one. It is closed when all of them are."""
    counts: dict[CellKey, list[int]] = defaultdict(lambda: [0, 0])
    for cell in (cell for part in parts for cell in part.cells):
        counts[cell.key][0] += cell.accepted
        counts[cell.key][1] += cell.selected
    closings = [part.closed_at for part in parts]
    rates = {(rate.stratum, rate.rate_version): rate for part in parts for rate in part.rates}
    return Ledger(
        closed_at=None if None in closings else max(closing for closing in closings if closing is not None),
        cells=tuple(CellCount(key, *counts[key]) for key in sorted(counts)),
        rates=tuple(rates[key] for key in sorted(rates)),
        out_of_frame=sum(part.out_of_frame for part in parts),
        rejected=sum(part.rejected for part in parts),
    )
