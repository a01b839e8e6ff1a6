"""The Excel workbook of a document: one sheet for the headlines, one for each table with its native chart, and one with
a row for each response. Cells hold the numbers themselves, their format only shows them as the pages do."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import xlsxwriter

from chassis.spreadsheets import harmless
from chassis.web.i18n import gettext as _
from services.reporting.documents.blocks import (
    Bar,
    Cell,
    Column,
    Document,
    Estimate,
    Estimates,
    Link,
    Number,
    Paragraph,
    Plot,
    PlotKind,
    Span,
    Strip,
    Table,
)
from services.reporting.documents.manyrows import with_rows
from services.reporting.documents.units import Unit

FORMATS: Mapping[Unit, str] = {
    Unit.COUNT: "#,##0",
    Unit.MEAN: "0.00",
    Unit.SHARE: "0.0%",
    Unit.NPS: "+0.0;-0.0;0.0",
    Unit.DIFFERENCE: "+0.00;-0.00;0.00",
    Unit.WEIGHT: "0.00",
    Unit.HOURS: "0.0",
    Unit.MINUTES: "0.0",
}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_SHEET_NAME = 31  # characters: a limit of Excel
_CHARTS: Mapping[PlotKind, dict[str, str]] = {
    PlotKind.BARS: {"type": "bar"},
    PlotKind.LINE: {"type": "line"},
    PlotKind.SCATTER: {"type": "scatter"},
}


@dataclass(frozen=True)
class Rows:
    """Plain rows for a sheet of their own, as many as they are; a heading for each column."""

    name: str
    headings: Sequence[str]
    rows: pl.DataFrame


class _Book:
    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.heading = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.strong = workbook.add_format({"bold": True})
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        self.units = {unit: workbook.add_format({"num_format": shape}) for unit, shape in FORMATS.items()}
        self.names: set[str] = set()

    def sheet(self, title: str) -> Any:
        """A sheet under a name that Excel takes; a second one of the same name gets a number."""
        base = _FORBIDDEN.sub(" ", title).strip()[: _SHEET_NAME - 3] or "-"
        name, number = base, 2
        while name.casefold() in self.names:
            name, number = f"{base} {number}", number + 1
        self.names.add(name.casefold())
        return self.workbook.add_worksheet(name)

    def put(self, sheet: Any, row: int, column: int, value: object, shape: Any = None) -> None:
        match value:
            case None | Strip():
                return
            case Link():
                sheet.write_string(row, column, str(harmless(value.text)), shape)
            case Number():
                sheet.write_number(row, column, value.value, self.units[value.unit])
            case bool():
                sheet.write_string(row, column, str(value).lower(), shape)
            case int() | float():
                sheet.write_number(row, column, value, shape)
            case _:
                sheet.write_string(row, column, str(harmless(str(value))), shape)


def workbook(document: Document, responses: Rows | None = None) -> bytes:
    """Texts stay texts: no cell becomes a formula or a link."""
    stored = io.BytesIO()
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(stored, options) as opened:
        book = _Book(opened)
        _cover(book, document)
        for table in document.tables():
            _table(book, table)
        if responses is not None:
            _headings(book, responses)
    if responses is None:
        return stored.getvalue()
    return with_rows(stored.getvalue(), len(book.names), responses.rows)


def _cover(book: _Book, document: Document) -> None:
    sheet = book.sheet(_("总览"))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 6, 16)
    lines: list[tuple[object, ...]] = [(document.kind, document.period), (document.title,), (document.lead,), ()]
    for section in document.sections:
        for block in section.blocks:
            match block:
                case Estimates():
                    lines += [_headline_names(), *(_headline(item) for item in block.items), ()]
                case Bar():
                    lines += _pieces(block)
                case Paragraph():
                    lines.append((block.text,))
    lines += [(), (document.foot,)]
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            book.put(sheet, row, column, value, book.strong if row == 1 else None)


def _headline_names() -> tuple[object, ...]:
    return "", _("估计"), _("95% 下限"), _("95% 上限"), _("样本"), _("目标"), _("判定")


def _headline(item: Estimate) -> tuple[object, ...]:
    low = Number(item.span.low, item.span.unit) if item.span else None
    high = Number(item.span.high, item.span.unit) if item.span else None
    return item.title, item.value, low, high, item.few or item.counts, item.target, item.verdict


def _pieces(bar: Bar) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = [(bar.label,)]
    for piece in bar.pieces:
        bounds = (
            (Number(piece.span.low, piece.span.unit), Number(piece.span.high, piece.span.unit)) if piece.span else ()
        )
        lines.append((piece.label, piece.value, *bounds))
    return [*lines, ()]


def _table(book: _Book, table: Table) -> None:
    sheet = book.sheet(table.title or table.key)
    sheet.freeze_panes(1, 1)
    places = _places(table)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 30, 14)
    for column, place in places.items():
        titles = _titles(table.columns[column], _spans(table, column))
        for step, title in enumerate(titles):
            book.put(sheet, 0, place + step, title, book.heading)
    for number, row in enumerate(table.rows, start=1):
        for column, place in places.items():
            _cell(book, sheet, number, place, row[column])
    if table.note:
        book.put(sheet, len(table.rows) + 2, 0, table.note)
    if table.plot is not None and table.rows:
        _chart(book, sheet, table, table.plot, places)


def _places(table: Table) -> dict[int, int]:
    """Columns of the table → columns of the sheet: strips have none, intervals have two."""
    places, place = {}, 0
    for column, described in enumerate(table.columns):
        if described.strip:
            continue
        places[column] = place
        place += 2 if _spans(table, column) else 1
    return places


def _spans(table: Table, column: int) -> bool:
    return any(isinstance(row[column], Span) for row in table.rows)


def _titles(column: Column, spans: bool) -> list[str]:
    return [_("95% 下限"), _("95% 上限")] if spans else [column.title]


def _cell(book: _Book, sheet: Any, row: int, place: int, cell: Cell) -> None:
    if isinstance(cell, Span):
        book.put(sheet, row, place, Number(cell.low, cell.unit))
        book.put(sheet, row, place + 1, Number(cell.high, cell.unit))
    else:
        book.put(sheet, row, place, cell)


def _chart(book: _Book, sheet: Any, table: Table, plot: Plot, places: Mapping[int, int]) -> None:
    chart = book.workbook.add_chart(_CHARTS[plot.kind])
    name, last = sheet.get_name(), len(table.rows)
    across = plot.label if plot.across is None else plot.across
    series: dict[str, Any] = {
        "name": table.columns[plot.value].title,
        "categories": [name, 1, places[across], last, places[across]],
        "values": [name, 1, places[plot.value], last, places[plot.value]],
        "fill": {"color": "#0B5C5A"},
        "line": {"color": "#0B5C5A"} if plot.kind is PlotKind.LINE else {"none": True},
        "marker": {"type": "circle", "fill": {"color": "#0B5C5A"}},
    }
    if plot.span is not None:
        series["x_error_bars" if plot.kind is PlotKind.BARS else "y_error_bars"] = _whiskers(table, plot)
    chart.add_series(series)
    chart.set_title({"name": table.title, "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    if plot.kind is PlotKind.BARS:
        chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 640, "height": max(240, 28 * last + 120)})
    sheet.insert_chart(last + 4, 0, chart)


def _whiskers(table: Table, plot: Plot) -> dict[str, Any]:
    pairs = [(row[plot.value], row[plot.span] if plot.span is not None else None) for row in table.rows]
    sides = [
        (span.high - value.value, value.value - span.low)
        if isinstance(value, Number) and isinstance(span, Span)
        else (0.0, 0.0)
        for value, span in pairs
    ]
    return {"type": "custom", "plus_values": [s[0] for s in sides], "minus_values": [s[1] for s in sides]}


def _headings(book: _Book, responses: Rows) -> None:
    sheet = book.sheet(responses.name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(responses.headings), 16)
    for column, title in enumerate(responses.headings):
        book.put(sheet, 0, column, title, book.heading)
