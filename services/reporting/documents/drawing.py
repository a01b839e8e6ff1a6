"""Charts of the documents as plain shapes: HTML and PDF draw the same ones. Pure geometry, in points."""

from dataclasses import dataclass

from services.reporting.documents.blocks import Bar, Matrix, MatrixPoint, Strip, Trend
from services.reporting.documents.units import Unit, written

STRIP_WIDTH, STRIP_HEIGHT = 110.0, 12.0
PAGE_WIDTH = 500.0


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    ink: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    ink: str
    hatched: bool = False


@dataclass(frozen=True)
class Mark:
    """A point: dot, low (triangle down), mid (square) or high (triangle up)."""

    x: float
    y: float
    radius: float
    ink: str
    form: str = "dot"


@dataclass(frozen=True)
class Words:
    """`anchor`: start, middle or end; `y` is the base line."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    ink: str = "muted"
    bold: bool = False


Shape = Line | Rect | Mark | Words


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Scale:
    """Maps values from `axis` to points from `start` to `end`; what lies outside is held at the edge."""

    axis: tuple[float, float]
    start: float
    end: float

    def at(self, value: float) -> float:
        low, high = self.axis
        part = 0.5 if high == low else min(1.0, max(0.0, (value - low) / (high - low)))
        return round(self.start + part * (self.end - self.start), 2)


def strip_drawing(strip: Strip, *, width: float = STRIP_WIDTH) -> Drawing:
    if strip.bullet:
        return _bullet(strip, width)
    scale, middle = Scale(strip.axis, 4, width - 4), STRIP_HEIGHT / 2
    low, high = scale.at(strip.low), scale.at(strip.high)
    shapes: list[Shape] = [
        Line(4, middle, width - 4, middle, "line", 1),
        Rect(low, middle - 2.5, max(0.5, round(high - low, 2)), 5, "soft"),
        Line(low, middle - 4, low, middle + 4, "accent", 1),
        Line(high, middle - 4, high, middle + 4, "accent", 1),
        Mark(scale.at(strip.value), middle, 2.6, "accent"),
    ]
    if strip.target is not None:
        at = scale.at(strip.target)
        shapes.append(Line(at, 0, at, STRIP_HEIGHT, "text", 1.2, dashed=True))
    return Drawing(width, STRIP_HEIGHT, tuple(shapes))


def _bullet(strip: Strip, width: float) -> Drawing:
    scale, middle = Scale(strip.axis, 4, width - 4), STRIP_HEIGHT / 2
    low, high = scale.at(strip.low), scale.at(strip.high)
    shapes: list[Shape] = [
        Rect(4, middle - 4, width - 8, 8, "sunken"),
        Rect(4, middle - 4, round(scale.at(strip.value) - 4, 2), 8, "accent"),
    ]
    if high > low:
        shapes += [Line(low, middle, high, middle, "text", 1), Line(low, middle - 3, low, middle + 3, "text", 1)]
        shapes.append(Line(high, middle - 3, high, middle + 3, "text", 1))
    if strip.target is not None:
        at = scale.at(strip.target)
        shapes.append(Line(at, 0, at, STRIP_HEIGHT, "text", 2.2))
    return Drawing(width, STRIP_HEIGHT, tuple(shapes))


def bar_drawing(bar: Bar, *, width: float = PAGE_WIDTH) -> Drawing:
    total = sum(piece.value.value for piece in bar.pieces)
    shapes: list[Shape] = [Rect(0, 0, width, 14, "sunken")]
    start = 0.0
    for piece in bar.pieces if total else ():
        long = piece.value.value / total * width
        if long > 0:
            shapes.append(Rect(round(start, 2), 0, round(long, 2), 14, piece.ink, hatched=piece.mark == "mid"))
        start += long
    return Drawing(width, 14, tuple(shapes))


def trend_drawing(trend: Trend, *, width: float = PAGE_WIDTH, height: float = 150) -> Drawing:
    known = [v for p in trend.points for v in (p.value, p.low, p.high) if v is not None]
    axis = _axis([*known, *(trend.limits or ())], trend.unit)
    up = Scale(axis, height - 18, 8)
    right = width - (76 if trend.limits else 10)
    step = (right - 44) / max(1, len(trend.points))
    shapes: list[Shape] = _grid(axis, up, 34, right, trend.unit)
    for word, limit in zip(("↓", "–", "↑"), trend.limits or (), strict=False):
        at = up.at(limit)
        shapes.append(Line(34, at, right, at, "muted", 0.8, dashed=True))
        shapes.append(Words(right + 4, at + 3, f"{word} {written(limit, trend.unit)}"))
    before: tuple[float, float] | None = None
    for position, point in enumerate(trend.points):
        x = round(44 + (position + 0.5) * step, 2)
        shapes.append(Words(x, height - 4, point.label, "middle"))
        if point.value is None:
            before = None
            continue
        if point.low is not None and point.high is not None:
            top = up.at(point.high)
            shapes.append(Rect(x - 2, top, 4, max(0.5, round(up.at(point.low) - top, 2)), "soft"))
        here = (x, up.at(point.value))
        if before is not None:
            shapes.append(Line(*before, *here, "accent", 1.2))
        shapes.append(Mark(*here, 2.6, "accent"))
        before = here
    return Drawing(width, height, tuple(shapes))


def matrix_drawing(matrix: Matrix, *, width: float = PAGE_WIDTH, height: float = 190) -> Drawing:
    """Level over weight; the dashed lines are the means of the points shown."""
    across_axis = _axis([v for p in matrix.points for v in p.across], Unit.WEIGHT)
    up_axis = _axis([v for p in matrix.points for v in p.up], Unit.MEAN)
    across, up = Scale(across_axis, 44, width - 60), Scale(up_axis, height - 22, 8)
    shapes: list[Shape] = _grid(up_axis, up, 34, width - 10, Unit.MEAN)
    for part in range(4):
        value = across_axis[0] + (across_axis[1] - across_axis[0]) * part / 3
        shapes.append(Words(across.at(value), height - 6, written(value, Unit.WEIGHT), "middle"))
    if matrix.points:
        x = across.at(sum(p.across[0] for p in matrix.points) / len(matrix.points))
        y = up.at(sum(p.up[0] for p in matrix.points) / len(matrix.points))
        shapes += [
            Line(x, 8, x, height - 22, "muted", 0.8, dashed=True),
            Line(34, y, width - 10, y, "muted", 0.8, dashed=True),
        ]
    for point in matrix.points:
        x, y = across.at(point.across[0]), up.at(point.up[0])
        shapes += [
            Line(across.at(point.across[1]), y, across.at(point.across[2]), y, point.ink, 1.2),
            Line(x, up.at(point.up[1]), x, up.at(point.up[2]), point.ink, 1.2),
            Mark(x, y, 3.2, point.ink, point.mark),
            Words(x + 6, y + (11 if _under_another(point, matrix) else -5), point.label, "start", point.ink, bold=True),
        ]
    return Drawing(width, height, tuple(shapes))


def _under_another(point: MatrixPoint, matrix: Matrix) -> bool:
    """Its words would run into those of a neighbour close above."""
    return any(0 < other.up[0] - point.up[0] < 0.12 and abs(other.across[0] - point.across[0]) < 0.1
               for other in matrix.points)  # fmt: skip


def _axis(values: list[float], unit: Unit) -> tuple[float, float]:
    """Round ends with air around everything shown."""
    if not values:
        return (0.0, 1.0)
    low, high = min(values), max(values)
    step = {Unit.NPS: 10.0, Unit.SHARE: 0.05, Unit.MEAN: 0.2, Unit.WEIGHT: 0.1}.get(unit, max(1.0, (high - low) / 5))
    return (round((low // step) * step, 6), round((high // step + 1) * step, 6))


def _grid(axis: tuple[float, float], up: Scale, left: float, right: float, unit: Unit) -> list[Shape]:
    shapes: list[Shape] = []
    for part in range(5):
        value = axis[0] + (axis[1] - axis[0]) * part / 4
        at = up.at(value)
        shapes += [Line(left, at, right, at, "line", 0.5), Words(left - 4, at + 3, written(value, unit), "end")]
    return shapes
