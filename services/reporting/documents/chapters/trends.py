"""How the figures went from period to period."""

from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import (
    Block,
    Column,
    Diagram,
    Paragraph,
    Plot,
    PlotKind,
    Section,
    Table,
    Trend,
    TrendPoint,
)
from services.reporting.documents.units import Unit
from services.reporting.model import Report
from services.reporting.sections import Trend as TrendPart


def trend(report: Report) -> Section:
    blocks: list[Block] = []
    for found in report.content.trends:
        name = words.word(words.FIGURES, found.key)
        points = tuple(TrendPoint(p.period[2:], p.estimate, p.low, p.high) for p in found.points)
        limits = _limits(found)
        unit = _unit_of_trend(report, found)
        if sum(point.value is not None for point in points) > 1:
            blocks.append(Diagram(name, trend=Trend(points, limits, unit)))
        blocks.append(_trend_table(found, name, unit))
        if limits is None:
            blocks.append(Paragraph(_("之前的期数还太少，没有控制限。"), quiet=True))
    return Section(_("趋势"), tuple(blocks))


def _unit_of_trend(report: Report, found: TrendPart) -> Unit:
    figure = report.content.summary.figures.get(found.key)
    return cells.unit_of(figure) if figure is not None else Unit.MEAN


def _limits(found: TrendPart) -> tuple[float, float, float] | None:
    if found.lower is None or found.centre is None or found.upper is None:
        return None
    return (found.lower, found.centre, found.upper)


def _trend_table(found: TrendPart, name: str, unit: Unit) -> Table:
    return Table(
        key=f"trend_{found.key}",
        title=_("趋势：{name}", name=name),
        columns=(
            Column(_("期")), Column(_("估计"), right=True), Column(_("95% 下限"), right=True),
            Column(_("95% 上限"), right=True), Column("n", right=True), Column(_("渠道构成标准化"), right=True),
            Column(_("控制限"), wide=1.2),
        ),
        rows=tuple(
            (p.period, cells.plain_number(p.estimate, unit), cells.plain_number(p.low, unit),
             cells.plain_number(p.high, unit), cells.plain_number(p.n), cells.plain_number(p.standardised, unit),
             _("超出") if p.outside else "")
            for p in found.points
        ),
        plot=Plot(PlotKind.LINE, label=0, value=1),
    )  # fmt: skip
