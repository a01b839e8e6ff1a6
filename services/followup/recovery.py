"""How many dissatisfied customers were satisfied after the second callback."""

from dataclasses import dataclass
from math import sqrt

Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.n


def recovered(before: int, after: int) -> bool:
    """Was dissatisfied (1–2), is not any more."""
    return before <= 2 < after


def share(hits: int, n: int) -> Share:
    """Wilson score interval (Wilson 1927, JASA 22:209); n ≥ 1."""
    p = hits / n
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return Share(hits, n, max(0.0, centre - half), min(1.0, centre + half))
