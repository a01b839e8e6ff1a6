"""Drawings of the report as data for the charts in the browser; texts are written here, in the page's language."""

from typing import Any

from services.reporting.documents.blocks import Diagram, Matrix, Trend
from services.reporting.documents.drawing import bar_drawing, strip_drawing
from services.reporting.documents.plain import drawn
from services.reporting.documents.units import Unit, written


def chart_data(diagram: Diagram) -> dict[str, Any]:
    """What `charts.js` draws. Numbers are numbers; `told` is what a reader sees of each point."""
    if diagram.trend is not None:
        return _trend(diagram.trend, diagram.label)
    if diagram.matrix is not None:
        return _matrix(diagram.matrix, diagram.label)
    raise ValueError("a diagram is a trend or a matrix")


class Tools:
    """What `templates/blocks.html` asks of a block: its kind, and its drawing as shapes or as data."""

    strip = staticmethod(strip_drawing)
    bar = staticmethod(bar_drawing)
    drawn = staticmethod(drawn)
    chart = staticmethod(chart_data)

    @staticmethod
    def kind(block: object) -> str:
        return type(block).__name__


TOOLS = Tools()


def _trend(trend: Trend, label: str) -> dict[str, Any]:
    return {
        "kind": "trend",
        "label": label,
        "periods": [point.label for point in trend.points],
        "values": [point.value for point in trend.points],
        "low": [point.low for point in trend.points],
        "high": [point.high for point in trend.points],
        "told": [_told(p.value, p.low, p.high, trend.unit) for p in trend.points],
        "limits": [{"value": limit, "told": written(limit, trend.unit)} for limit in trend.limits or ()],
        "percent": trend.unit is Unit.SHARE,
    }


def _matrix(matrix: Matrix, label: str) -> dict[str, Any]:
    return {
        "kind": "matrix",
        "label": label,
        "points": [
            {
                "name": point.label,
                "across": point.across,
                "up": point.up,
                "mark": point.mark,
                "told": f"{_told(*point.up, Unit.MEAN)} · {_told(*point.across, Unit.WEIGHT)}",
            }
            for point in matrix.points
        ],
    }


def _told(value: float | None, low: float | None, high: float | None, unit: Unit) -> str:
    if value is None:
        return "–"
    if low is None or high is None:
        return written(value, unit)
    return f"{written(value, unit)} ({written(low, unit)} – {written(high, unit)})"
