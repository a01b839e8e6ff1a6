"""What was done: measures, anomalies, flagged answers, the week's steps, the month's efficiency, teams."""

from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import (
    Block,
    Cell,
    Column,
    Number,
    Paragraph,
    Section,
    Span,
    Table,
    Unit,
    written,
)
from services.reporting.figure import Figure
from services.reporting.model import Report
from services.reporting.sections import Measure
from services.reporting.work import Duration, Efficiency, StepRow, WeeklyReview

_SHOWN = 30  # anomalies on paper; all of them are on the page
MINUTE = 60.0
HOUR = 3600.0


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
    blocks.append(_flagged(report))
    return Section(_("待核实"), tuple(blocks))


def _anomalies(report: Report) -> Table:
    return Table(
        key="anomalies",
        title=_("远离本层的评分"),
        columns=(
            Column(_("服务"), wide=1.6), Column(_("分层"), wide=1.6), Column(_("评分"), right=True),
            Column(_("本层中位数"), right=True), Column(_("本层 n"), right=True), Column(_("核实"), wide=1.2),
        ),
        rows=tuple(
            (
                row.service_id, words.stratum_word(row.stratum), Number(row.score), Number(row.median, Unit.HOURS),
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


def weekly(report: Report) -> Section | None:
    found = report.content.weekly
    if found is None:
        return None
    return Section(_("周回顾"), (_steps(found), _frequent(found)))


def _steps(found: WeeklyReview) -> Table:
    return Table(
        key="steps",
        title=_("低效环节"),
        columns=(
            Column(_("环节"), wide=1.8), Column(_("件数"), right=True), Column(_("中位时长（小时）"), right=True),
            Column(_("九成在（小时）"), right=True), Column(_("约定时限（小时）"), right=True),
            Column(_("按时"), right=True), Column(_("按时件数"), right=True),
        ),
        rows=tuple(_step(row) for row in found.steps),
    )  # fmt: skip


def _step(row: StepRow) -> tuple[Cell, ...]:
    def hours(seconds: float | None) -> Cell:
        return None if seconds is None else Number(seconds / HOUR, Unit.WEIGHT)

    return (
        words.word(words.STEPS, row.step), Number(row.n), hours(row.median), hours(row.p90), hours(row.limit),
        *cells.ratio(row.within)[:2],
    )  # fmt: skip


def _frequent(found: WeeklyReview) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (words.word(words.PROBLEMS, code), Number(number)) for code, number in found.frequent
    )
    return Table("frequent", _("高频问题"), (Column(_("问题类型")), Column(_("回答"), right=True)), rows)


def efficiency(report: Report) -> Section | None:
    found = report.content.efficiency
    if found is None:
        return None
    table = Table(
        key="efficiency",
        title=_("月度效率"),
        columns=(
            Column(_("指标"), wide=2), Column(_("本月"), right=True), Column(_("95% 区间"), wide=1.5),
            Column("n", right=True), Column(_("目标"), right=True), Column(_("判定"), wide=1.3),
        ),
        rows=(_duration(found.duration), *_efficient(found)),
        note=_duration_note(found.duration),
    )  # fmt: skip
    return Section(_("月度效率"), (table,))


def _duration(found: Duration) -> tuple[Cell, ...]:
    def minutes(seconds: float | None) -> Number | None:
        return None if seconds is None else Number(seconds / MINUTE, Unit.WEIGHT)

    known = found.low is not None and found.high is not None
    span = Span(found.low / MINUTE, found.high / MINUTE, Unit.WEIGHT) if found.low and found.high and known else None
    judged = _(cells.VERDICTS[found.verdict]) if found.verdict else _("未设")
    return _("平均通话时长（分钟）"), minutes(found.seconds), span, Number(found.n), minutes(found.target), judged


def _duration_note(found: Duration) -> str:
    if found.baseline is None:
        return _("时长还没有基线：基线冻结之后才有目标（少 20%）。")
    baseline = written(found.baseline / MINUTE, Unit.WEIGHT)
    if found.change is None:
        return _("时长的基线：{baseline} 分钟。", baseline=baseline)
    changed = written(found.change * 100, Unit.NPS)
    return _("时长的基线：{baseline} 分钟，变化 {change}%。", baseline=baseline, change=changed)


def _efficient(found: Efficiency) -> tuple[tuple[Cell, ...], ...]:
    completeness, prompt = cells.ratio(found.completeness), cells.ratio(found.prompt)
    whole = found.completeness.value is not None and found.completeness.value >= found.completeness_target
    judged = _("√ 达到") if whole else _("× 未达到")
    goal = Number(found.completeness_target, Unit.SHARE)
    return (
        _estimated(_("一次性解决"), found.solved),
        (_("记录完整率"), completeness[0], None, completeness[2], goal, judged if completeness[0] else _("没有回答")),
        (_("挂机后 10 分钟内完成记录"), prompt[0], None, prompt[2], None, _("未设")),
        _estimated(_("回访本身的评分"), found.callback),
        _estimated(_("服务态度"), found.attitude),
    )


def _estimated(name: str, figure: Figure) -> tuple[Cell, ...]:
    goal = None if figure.target is None else Number(figure.target, cells.unit_of(figure))
    return name, cells.value(figure), cells.span(figure), cells.count(figure), goal, cells.verdict(figure)


def teams(report: Report) -> Section | None:
    rows = report.content.people.teams
    if not rows:
        return None
    axis = cells.common_axis(row.overall for row in rows)
    table = Table(
        key="teams",
        title=_("服务团队"),
        columns=(
            *cells.figure_columns(_("团队")), Column(_("服务态度"), right=True), Column(_("一次性解决"), right=True),
        ),
        rows=tuple(
            (*cells.figure_row(row.team, row.overall, axis), cells.value(row.attitude), cells.value(row.solved))
            for row in rows
        ),
        note=_("为表扬与辅导而设；回答太少的团队不显示数字。"),
    )  # fmt: skip
    return Section(_("团队"), (table,))
