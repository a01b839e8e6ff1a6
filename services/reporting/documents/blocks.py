"""A report as blocks of content in one language: HTML, PDF and Excel are made of them and so say the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.reporting.documents.units import Unit, written


@dataclass(frozen=True)
class Number:
    """`opens`: the page with its query, without the period, that lists what the number counts."""

    value: float
    unit: Unit = Unit.COUNT
    opens: str | None = None

    @property
    def text(self) -> str:
        return written(self.value, self.unit)


@dataclass(frozen=True)
class Span:
    """An interval from bound to bound."""

    low: float
    high: float
    unit: Unit

    @property
    def text(self) -> str:
        return f"{written(self.low, self.unit)} – {written(self.high, self.unit)}"


@dataclass(frozen=True)
class Strip:
    """An interval drawn on an axis: dot, bar from bound to bound, target as a dashed tick. As a `bullet`: a bar from
    the axis to the value, the interval as a whisker, the target as a thick tick."""

    value: float
    low: float
    high: float
    axis: tuple[float, float]
    target: float | None = None
    bullet: bool = False


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere on a page; on paper they are words."""

    text: str
    href: str


Cell = str | Number | Span | Strip | Link | None


@dataclass(frozen=True)
class Column:
    """`right`: numbers stand under each other. A column of strips has no sheet column of its own; one that is
    `on_pages` has nothing to say on paper."""

    title: str
    right: bool = False
    strip: bool = False
    on_pages: bool = False
    wide: float = 1.0
    """Its share of the width of a page."""


class PlotKind(StrEnum):
    BARS = "bars"
    LINE = "line"
    SCATTER = "scatter"


@dataclass(frozen=True)
class Plot:
    """Columns of the table that a native chart of the workbook draws; `span` gives the whiskers."""

    kind: PlotKind
    label: int
    value: int
    span: int | None = None
    across: int | None = None
    """The horizontal value of a scatter."""


@dataclass(frozen=True)
class Table:
    """`key` names the sheet in the workbook and the anchor on a page; unique in a document."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str | None = None
    plot: Plot | None = None


@dataclass(frozen=True)
class Estimate:
    """One headline figure with everything that belongs to it; without a strip `few` says why."""

    title: str
    value: Number | None
    strip: Strip | None
    span: Span | None
    counts: str
    """n and effective n in words."""
    target: str | None = None
    verdict: str | None = None
    few: str | None = None
    opens: str | None = None


@dataclass(frozen=True)
class Estimates:
    items: tuple[Estimate, ...]


@dataclass(frozen=True)
class Piece:
    """A piece of a stacked bar. `ink` names a colour, `mark` the shape that says the same without colour."""

    label: str
    value: Number
    ink: str
    mark: str = ""
    span: Span | None = None


@dataclass(frozen=True)
class Bar:
    """Pieces of one whole."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Paragraph:
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Diagram:
    """A drawing made of the numbers of a table that stands beside it; `label` says in words what it shows."""

    label: str
    trend: "Trend | None" = None
    matrix: "Matrix | None" = None


@dataclass(frozen=True)
class TrendPoint:
    label: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Trend:
    """Values in time with intervals and control limits (lower, centre, upper)."""

    points: tuple[TrendPoint, ...]
    limits: tuple[float, float, float] | None
    unit: Unit


@dataclass(frozen=True)
class MatrixPoint:
    """Weight in the overall score across, level up, each with its interval."""

    label: str
    across: tuple[float, float, float]
    up: tuple[float, float, float]
    ink: str
    mark: str


@dataclass(frozen=True)
class Matrix:
    points: tuple[MatrixPoint, ...]


Block = Paragraph | Estimates | Bar | Table | Diagram


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """`title` is the finding in a sentence, `lead` what supports it."""

    language: str
    kind: str
    period: str
    title: str
    lead: str
    sections: tuple[Section, ...]
    foot: str

    def tables(self) -> Iterator[Table]:
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield block


def text_of(cell: Cell) -> str:
    """What stands in a cell on a page; a strip has no words."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    return "" if isinstance(cell, Strip) else cell.text
