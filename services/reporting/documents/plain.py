"""A document as plain data for the template of the PDF: texts, numbers and shapes, nothing that would be run."""

from dataclasses import asdict
from typing import Any

from services.reporting.documents.blocks import (
    Bar,
    Block,
    Cell,
    Column,
    Diagram,
    Document,
    Estimate,
    Estimates,
    Paragraph,
    Strip,
    Table,
    text_of,
)
from services.reporting.documents.drawing import (
    Drawing,
    bar_drawing,
    matrix_drawing,
    strip_drawing,
    trend_drawing,
)


def plain(document: Document) -> dict[str, Any]:
    return {
        "language": document.language,
        "kind": document.kind,
        "period": document.period,
        "title": document.title,
        "lead": document.lead,
        "foot": document.foot,
        "sections": [
            {"title": section.title, "blocks": [_block(block, section.title) for block in section.blocks]}
            for section in document.sections
        ],
    }


def drawn(diagram: Diagram) -> Drawing:
    if diagram.trend is not None:
        return trend_drawing(diagram.trend)
    if diagram.matrix is not None:
        return matrix_drawing(diagram.matrix)
    raise ValueError("a diagram is a trend or a matrix")


def shapes(drawing: Drawing) -> dict[str, Any]:
    return {
        "width": drawing.width,
        "height": drawing.height,
        "shapes": [{"shape": type(shape).__name__.lower(), **asdict(shape)} for shape in drawing.shapes],
    }


def _block(block: Block, heading: str) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"block": "paragraph", "text": block.text, "quiet": block.quiet}
        case Estimates():
            return {"block": "estimates", "items": [_estimate(item) for item in block.items]}
        case Bar():
            return {"block": "bar", "drawing": shapes(bar_drawing(block)), "pieces": _pieces(block)}
        case Diagram():
            return {"block": "diagram", "drawing": shapes(drawn(block)), "label": block.label}
        case Table():
            return _table(block, heading)


def _pieces(bar: Bar) -> list[dict[str, Any]]:
    return [
        {"label": p.label, "value": p.value.text, "span": p.span.text if p.span else "", "ink": p.ink, "mark": p.mark}
        for p in bar.pieces
    ]


def _estimate(item: Estimate) -> dict[str, Any]:
    return {
        "title": item.title,
        "value": item.value.text if item.value else "",
        "drawing": shapes(strip_drawing(item.strip)) if item.strip else None,
        "span": item.span.text if item.span else "",
        "counts": item.counts,
        "target": item.target or "",
        "verdict": item.verdict or "",
        "few": item.few or "",
    }


def _table(table: Table, heading: str) -> dict[str, Any]:
    """A title that the section has said already is not said again."""
    return {
        "block": "table",
        "title": "" if table.title == heading else table.title,
        "note": table.note or "",
        "columns": [{"title": c.title, "right": c.right, "wide": c.wide} for c in table.columns],
        "rows": [[_cell(c, column) for c, column in zip(row, table.columns, strict=True)] for row in table.rows],
    }


def _cell(cell: Cell, column: Column) -> dict[str, Any]:
    text = "" if column.strip else text_of(cell)
    return {"text": text, "drawing": shapes(strip_drawing(cell)) if isinstance(cell, Strip) else None}
