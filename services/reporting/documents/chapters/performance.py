"""How the work went: the week's steps, the month's efficiency against its targets, callers and teams."""

from dataclasses import replace
from urllib.parse import urlencode

from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import Cell, Column, Number, Section, Span, Strip, Table
from services.reporting.documents.units import Unit, written
from services.reporting.figure import Drill, Figure, Ratio
from services.reporting.model import Report
from services.reporting.work import Duration, Efficiency, StepRow, WeeklyReview

MINUTE = 60.0
HOUR = 3600.0


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
        words.word(words.STEPS, row.step), Number(row.n, opens=f"steps?step={row.step}"), hours(row.median),
        hours(row.p90), hours(row.limit), *cells.ratio(row.within, count=f"steps?step={row.step}&within=true")[:2],
    )  # fmt: skip


def _frequent(found: WeeklyReview) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (words.word(words.PROBLEMS, code), Number(number, opens=cells.opens(Drill(selection="valid"), problem=code)))
        for code, number in found.frequent
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
            Column(_("指标"), wide=2.2), Column("", strip=True, wide=2), Column(_("本月"), right=True),
            Column(_("95% 区间"), wide=1.5),
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
    strip = None
    if span is not None and found.seconds is not None:
        end = max(span.high, (found.baseline or 0) / MINUTE) * 1.1
        goal = found.target / MINUTE if found.target is not None else None
        strip = Strip(found.seconds / MINUTE, span.low, span.high, (0.0, end), goal, bullet=True)
    name = _("平均通话时长（分钟）")
    return (
        name,
        strip,
        minutes(found.seconds),
        span,
        Number(found.n, opens=_calls("completed")),
        minutes(found.target),
        judged,
    )


def _duration_note(found: Duration) -> str:
    if found.baseline is None:
        return _("时长还没有基线：基线冻结之后才有目标（少 20%）。")
    baseline = written(found.baseline / MINUTE, Unit.WEIGHT)
    if found.change is None:
        return _("时长的基线：{baseline} 分钟。", baseline=baseline)
    changed = written(found.change * 100, Unit.NPS)
    return _("时长的基线：{baseline} 分钟，变化 {change}%。", baseline=baseline, change=changed)


def _efficient(found: Efficiency) -> tuple[tuple[Cell, ...], ...]:
    completeness = cells.ratio(found.completeness, whole=_calls("connected"))
    prompt = cells.ratio(found.prompt, whole=_calls("recorded"))
    whole = found.completeness.value is not None and found.completeness.value >= found.completeness_target
    judged = _("√ 达到") if whole else _("× 未达到")
    goal = Number(found.completeness_target, Unit.SHARE)
    return (
        _estimated(_("一次性解决"), found.solved),
        (
            _("记录完整率"),
            _share_bullet(found.completeness, found.completeness_target),
            completeness[0],
            None,
            completeness[2],
            goal,
            judged if completeness[0] else _("没有回答"),
        ),
        (
            _("挂机后 10 分钟内完成记录"),
            _share_bullet(found.prompt, None),
            prompt[0],
            None,
            prompt[2],
            None,
            _("未设"),
        ),
        _estimated(_("回访本身的评分"), found.callback),
        _estimated(_("服务态度"), found.attitude),
    )


def _estimated(name: str, figure: Figure) -> tuple[Cell, ...]:
    goal = None if figure.target is None else Number(figure.target, cells.unit_of(figure))
    strip = cells.strip(figure, (0.0, 1.0) if cells.unit_of(figure) is Unit.SHARE else (1.0, 5.0))
    bullet = replace(strip, bullet=True) if strip is not None else None
    return name, bullet, cells.value(figure), cells.span(figure), cells.count(figure), goal, cells.verdict(figure)


def _share_bullet(found: Ratio, target: float | None) -> Strip | None:
    if found.value is None:
        return None
    return Strip(found.value, found.value, found.value, (0.0, 1.0), target, bullet=True)


def _calls(selection: str, **more: str) -> str:
    """The list of these calls, without the period."""
    return "calls?" + urlencode({"selection": selection, **more})


def agents(report: Report) -> Section:
    """One line a caller; for a page only, it does not travel on paper."""
    rows = report.content.people.agents
    axis = cells.common_axis(row.rating for row in rows)
    table = Table(
        key="agents",
        title=_("回访客服"),
        columns=(
            *cells.figure_columns(_("客服")), Column(_("呼叫"), right=True), Column(_("接通率"), right=True),
            Column(_("接通"), right=True), Column(_("平均时长（分钟）"), right=True),
        ),
        rows=tuple(
            (
                *cells.figure_row(row.agent, row.rating, axis),
                Number(row.calls, opens=_calls("by_agents", agent=row.agent)),
                *cells.ratio(row.reached, count=_calls("reached", agent=row.agent))[:2],
                cells.plain_number(None if row.seconds is None else row.seconds / MINUTE, Unit.WEIGHT),
            )
            for row in rows
        ),
        note=_("估计是客户对回访本身的评分。为表扬与辅导而设，不作排名；回答太少的人不显示数字。"),
    )  # fmt: skip
    return Section(_("回访客服"), (table,))


def teams(report: Report) -> Section | None:
    rows = report.content.people.teams
    if not rows:
        return None
    axis = cells.common_axis(row.overall for row in rows)
    table = Table(
        key="teams",
        title=_("服务团队"),
        columns=(
            *cells.figure_columns(_("团队", n=1)),
            Column(_("服务态度"), right=True), Column(_("一次性解决"), right=True),
        ),
        rows=tuple(
            (*cells.figure_row(row.team, row.overall, axis), cells.value(row.attitude), cells.value(row.solved))
            for row in rows
        ),
        note=_("为表扬与辅导而设；回答太少的团队不显示数字。"),
    )  # fmt: skip
    return Section(_("团队"), (table,))
