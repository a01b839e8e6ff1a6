"""Axes and bars of the pages: where a chart begins and ends, pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.reporting.figure import Figure
from services.reporting.figures import FigureKind

Axis = tuple[float, float]

_STEP = {FigureKind.MEAN: 0.2, FigureKind.SHARE: 0.05, FigureKind.NPS: 10.0}
_BOUNDS = {FigureKind.MEAN: (1.0, 5.0), FigureKind.SHARE: (0.0, 1.0), FigureKind.NPS: (-100.0, 100.0)}


def axis_of(figures: Iterable[Figure]) -> Axis:
    """Round ends that leave air around every interval and target of figures of one kind, inside what is possible."""
    shown = list(figures)
    kind = shown[0].kind
    points = [p for f in shown for p in (f.low, f.high, f.estimate, f.target) if p is not None]
    step, (least, most) = _STEP[kind], _BOUNDS[kind]
    if not points:
        return least, most
    low = math.floor(round(min(points) / step - 0.25, 9)) * step
    high = math.ceil(round(max(points) / step + 0.25, 9)) * step
    return max(least, round(low, 9)), min(most, round(high, 9))


@dataclass(frozen=True)
class Segment:
    """One piece of a stacked bar: from `start`, `width` long, in the units of the bar."""

    start: float
    width: float


def stacked(counts: Sequence[int], *, width: float) -> list[Segment]:
    """Pieces in proportion to the counts; together exactly `width`, or nothing when all are 0."""
    total = sum(counts)
    if not total:
        return [Segment(0.0, 0.0) for _count in counts]
    starts = [sum(counts[:position]) / total * width for position in range(len(counts))]
    return [Segment(round(s, 2), round(c / total * width, 2)) for s, c in zip(starts, counts, strict=True)]
