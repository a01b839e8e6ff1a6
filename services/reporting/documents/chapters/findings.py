"""Headline figures, bands and core conclusions."""

from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import (
    Bar,
    Block,
    Column,
    Diagram,
    Estimates,
    Matrix,
    MatrixPoint,
    Number,
    Paragraph,
    Piece,
    Plot,
    PlotKind,
    Section,
    Table,
)
from services.reporting.documents.units import Unit
from services.reporting.figures import HEADLINES
from services.reporting.model import Report
from services.reporting.sections import DimensionRow, Standing

_MARKS = {Standing.STRENGTH: "high", Standing.SHORTCOMING: "low", Standing.BETWEEN: "mid"}
_BANDS = ("low", "mid", "high")


def headlines(report: Report) -> Section:
    figures = report.content.summary.figures
    shown = tuple(cells.headline(_(words.FIGURES[key]), figures[key]) for key in HEADLINES if key in figures)
    return Section(_("主要指标"), (Estimates(shown),))


def bands(report: Report) -> Section | None:
    """Shares of the bands; None when they cannot be told."""
    found = {row.key: row.figure for row in report.content.music.bands}
    pieces = []
    for mark, (band, figure) in zip(_BANDS, ((key, found.get(key)) for key in words.BANDS), strict=True):
        if figure is None or not cells.shown(figure) or figure.estimate is None:
            return None
        pieces.append(
            Piece(_(words.BANDS[band]), Number(figure.estimate, Unit.SHARE), mark, mark, cells.interval(figure))
        )
    return Section(_("满意分档"), (Bar(_("总体满意度的分档"), tuple(pieces)),))


def conclusions(report: Report) -> Section:
    found = report.content.conclusions
    blocks: list[Block] = [
        Paragraph(_("长处：{names}。", names=_names(found.strengths))),
        Paragraph(_("短板：{names}。", names=_names(found.shortcomings))),
    ]
    rows = report.content.dimensions
    if points := _points(rows):
        label = _("纵轴：均值；横轴：该维度每差一分，总体满意度相差多少分。横竖线为 95% 区间，虚线为平均。")
        blocks.append(Diagram(label, matrix=Matrix(points)))
    blocks.append(_matrix_table(rows))
    return Section(_("核心结论"), tuple(blocks))


def _names(rows: tuple[DimensionRow, ...]) -> str:
    """The dimensions with their level, or that the intervals tell none apart."""
    told = []
    for row in rows:
        level, bounds = cells.value(row.level), cells.interval(row.level)
        if isinstance(level, Number) and bounds is not None:
            name = words.word(words.FIGURES, row.key)
            told.append(_("{name} {value}（{span}）", name=name, value=level.text, span=bounds.text))
    return _("、").join(told) or _("区间分不出来")


def _points(rows: tuple[DimensionRow, ...]) -> tuple[MatrixPoint, ...]:
    points = []
    for row in rows:
        level, weight = row.level, row.weight
        if not (cells.shown(level) and cells.shown(weight)):
            continue
        points.append(
            MatrixPoint(
                label=words.word(words.FIGURES, row.key),
                across=(weight.estimate or 0.0, weight.low or 0.0, weight.high or 0.0),
                up=(level.estimate or 0.0, level.low or 0.0, level.high or 0.0),
                ink=_MARKS[row.standing],
                mark=_MARKS[row.standing],
            )
        )
    return tuple(points)


def _matrix_table(rows: tuple[DimensionRow, ...]) -> Table:
    return Table(
        key="conclusions",
        title=_("各维度的水平与权重"),
        columns=(
            Column(_("维度", n=1), wide=1.4),
            Column(_("均值"), right=True),
            Column(_("均值 95% 区间"), wide=1.6),
            Column(_("权重"), right=True),
            Column(_("权重 95% 区间"), wide=1.6),
            Column("n", right=True, wide=0.8),
            Column(_("结论"), wide=1.2),
        ),
        rows=tuple(
            (
                words.word(words.FIGURES, row.key),
                cells.value(row.level),
                cells.span(row.level),
                cells.value(row.weight),
                cells.span(row.weight),
                cells.count(row.level),
                _(words.STANDINGS[row.standing.value]),
            )
            for row in rows
        ),
        note=_("权重是回归系数：其他维度相同时，该维度高一分的回答，总体满意度高多少分。它说的是相伴，不是因果。"),
        plot=Plot(PlotKind.SCATTER, label=0, value=1, span=2, across=3),
    )
