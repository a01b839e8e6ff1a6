"""What is done about the answers: measures, verifications, figures without the flagged ones."""

from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import Block, Cell, Column, Number, Paragraph, Section, Table
from services.reporting.documents.units import Unit
from services.reporting.figure import Figure
from services.reporting.model import Report
from services.reporting.sections import Measure

_SHOWN = 30  # anomalies in the table; a sentence below it says how many there are


def measures(report: Report) -> Section:
    rows = report.content.measures
    if not rows:
        return Section(_("改进措施"), (Paragraph(_("还没有立项的改进措施。")),))
    table = Table(
        key="measures",
        title=_("改进措施"),
        columns=(
            Column(_("措施"), wide=2), Column(_("针对"), wide=1.4), Column(_("部门"), wide=1.2),
            Column(_("负责"), wide=1.2), Column(_("到期"), wide=1.2), Column(_("状态"), wide=1.2),
        ),
        rows=tuple(
            (
                row.measure, words.row_word(row.row), words.department_word(row.department), row.owner,
                f"{row.due_on:%Y-%m-%d}", _measure_state(row),
            )
            for row in rows
        ),
    )  # fmt: skip
    return Section(_("改进措施"), (table,))


def _measure_state(row: Measure) -> str:
    return words.word(words.MEASURES, row.state) + (_("（逾期）") if row.overdue else "")


def checks(report: Report) -> Section:
    """Anomalies that wait for a verification, and the figures without the flagged answers."""
    blocks: list[Block] = []
    rows = report.content.anomalies
    if rows:
        blocks.append(_anomalies(report))
    else:
        blocks.append(Paragraph(_("没有与本层中位数相差 3 分以上的评分。")))
    if len(rows) > _SHOWN:
        blocks.append(Paragraph(_("共 {n} 条，这里列出前 {shown} 条。", n=len(rows), shown=_SHOWN), quiet=True))
    if report.content.flagged:
        blocks.append(_flagged(report))
    else:
        blocks.append(Paragraph(_("没有带标记的回答：含与不含是同一组数字。")))
    return Section(_("待核实"), tuple(blocks))


def _anomalies(report: Report) -> Table:
    return Table(
        key="anomalies",
        title=_("远离本层的评分"),
        columns=(
            Column(_("服务"), wide=1.6), Column(_("分层", n=1), wide=1.6), Column(_("评分"), right=True),
            Column(_("本层中位数"), right=True), Column(_("本层 n"), right=True), Column(_("核实"), wide=1.2),
        ),
        rows=tuple(
            (
                cells.service(row.source, row.service_id), words.stratum_word(row.stratum), Number(row.score),
                Number(row.median, Unit.HOURS),
                Number(row.n), _("已核实") if row.verified else _("等待核实"),
            )
            for row in report.content.anomalies[:_SHOWN]
        ),
        note=_("与本层中位数相差 3 分以上（本层 n ≥ 30）。核实之前仍计入所有数字。"),
    )  # fmt: skip


def _flagged(report: Report) -> Table:
    return Table(
        key="flagged",
        title=_("含与不含待核实的回答"),
        columns=(
            Column(_("数字"), wide=1.4), Column(_("含"), right=True), Column(_("含：95% 区间"), wide=1.5),
            Column(_("含：n"), right=True), Column(_("不含"), right=True), Column(_("不含：95% 区间"), wide=1.5),
            Column(_("不含：n"), right=True),
        ),
        rows=tuple(
            (words.word(words.FIGURES, row.key), *_three(row.with_flagged), *_three(row.without))
            for row in report.content.flagged
        ),
    )  # fmt: skip


def _three(figure: Figure) -> tuple[Cell, ...]:
    return cells.value(figure), cells.span(figure), cells.count(figure)
