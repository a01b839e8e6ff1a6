"""Tables of a document, widened for a page and narrowed for paper."""

from collections.abc import Sequence
from dataclasses import replace

from services.reporting.documents.blocks import Cell, Column, Table


def with_column(table: Table, column: Column, values: Sequence[Cell]) -> Table:
    """The table with one more column before those that only lead to other pages."""
    at = next((n for n, known in enumerate(table.columns) if known.on_pages), len(table.columns))
    rows = tuple((*row[:at], value, *row[at:]) for row, value in zip(table.rows, values, strict=True))
    return replace(table, columns=(*table.columns[:at], column, *table.columns[at:]), rows=rows)


def on_paper(table: Table) -> Table:
    """Without the columns that only lead to other pages."""
    kept = [number for number, column in enumerate(table.columns) if not column.on_pages]
    return replace(
        table,
        columns=tuple(table.columns[number] for number in kept),
        rows=tuple(tuple(row[number] for number in kept) for row in table.rows),
    )
