"""What customers answered: dimensions, NPS, problems, channels, trend, profiles, music."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import (
    Bar,
    Block,
    Cell,
    Column,
    Link,
    Number,
    Paragraph,
    Piece,
    Plot,
    PlotKind,
    Section,
    Table,
)
from services.reporting.documents.tables import with_column
from services.reporting.documents.units import Unit
from services.reporting.figure import Drill, Figure
from services.reporting.figures import DIMENSION_FIGURES
from services.reporting.model import Report
from services.reporting.sections import ChannelRow, DepartmentRow, NamedFigure, ProblemRow, TuneRow

_BARS = Plot(PlotKind.BARS, label=0, value=2, span=3)


def dimensions(report: Report) -> Section:
    figures = report.content.summary.figures
    keys = [key for key in DIMENSION_FIGURES if key in figures]
    shown = [(_(words.FIGURES[key]), figures[key]) for key in keys]
    leads = [measure_link(report, f"dimension/{key}") for key in keys]
    return Section(_("维度"), (_table("dimensions", _("维度均值"), _("维度", n=1), shown, verdicts=True, leads=leads),))


def nps(report: Report) -> Section:
    found = report.content.nps
    blocks: list[Block] = []
    marks = {"promoters": "high", "passives": "mid", "detractors": "low"}
    pieces = [
        Piece(_(words.NPS_GROUPS[row.key]), Number(row.figure.estimate, Unit.SHARE), marks[row.key], marks[row.key],
              cells.interval(row.figure))
        for row in found.shares
        if row.key in marks and cells.shown(row.figure) and row.figure.estimate is not None
    ]  # fmt: skip
    if len(pieces) == len(found.shares):
        blocks.append(Bar(_("推荐、中立与贬损的比例"), tuple(pieces)))
    rows = [(_("全部"), found.nps), *_named(found.by_scenario)]
    blocks.append(_table("nps", _("NPS，按场景"), _("场景"), rows))
    return Section("NPS", tuple(blocks))


def problems(report: Report) -> Section:
    found = report.content.problems
    asked = Drill(selection=found.share.drill.selection)
    rows = [(_("任何问题"), found.share)]
    rows += [
        (words.word(words.PROBLEMS, row.code), row.share.model_copy(update={"drill": asked})) for row in found.by_type
    ]
    leads = [None, *(measure_link(report, row.row) for row in found.by_type)]
    shares = _table("problems", _("提到问题的客户比例"), _("问题类型"), rows, leads=leads)
    blocks: list[Block] = [with_column(shares, Column(_("提到"), right=True), [None, *map(_naming, found.by_type)])]
    blocks.append(Paragraph(_("占有效回答的加权比例；一人可提多个问题，合计可超过任何问题的比例。"), quiet=True))
    if found.by_department:
        blocks.append(_departments(found.by_department))
    return Section(_("问题分析"), tuple(blocks))


def _naming(row: ProblemRow) -> Cell:
    """How many answers name the problem; on a page it opens them."""
    return None if row.services is None else Number(row.services, opens=cells.opens(row.share.drill))


def _departments(rows: tuple[DepartmentRow, ...]) -> Table:
    counts = (_("已开"), _("处理中"), _("逾期"), _("已结案"), _("未联系上"))
    return Table(
        key="departments",
        title=_("案件，按部门"),
        columns=(Column(_("部门"), wide=1.6), *(Column(title, right=True) for title in counts)),
        rows=tuple(
            (
                Link(words.department_word(row.department), f"/followup/board?department={row.department}"),
                *(
                    Number(n, opens="followups?" + urlencode({"department": row.department, "part": part}))
                    for part, n in (
                        ("opened", row.opened),
                        ("in_work", row.in_work),
                        ("overdue", row.overdue),
                        ("closed", row.closed),
                        ("not_reached", row.not_reached),
                    )
                ),
            )
            for row in rows
        ),
    )


def channels(report: Report) -> Section:
    found = report.content.channels
    mix = Table(
        key="channels",
        title=_("渠道构成"),
        columns=(
            Column(_("渠道", n=1), wide=1.3), Column(_("占回答"), right=True), Column(_("回答"), right=True),
            Column(_("总体满意度"), right=True), Column(_("95% 区间"), wide=1.6),
        ),
        rows=tuple(
            (words.word(words.CHANNELS, row.channel), *_mixed(row), cells.value(row.overall),
             cells.span(row.overall))
            for row in found.mix
        ),
        plot=Plot(PlotKind.BARS, label=0, value=1),
    )  # fmt: skip
    effects = Table(
        key="mode_effect",
        title=_("方式效应：电话减线上"),
        columns=(
            Column(_("数字"), wide=1.5), Column(_("电话"), right=True), Column(_("线上"), right=True),
            Column(_("差"), right=True), Column(_("差的 95% 区间"), wide=1.6),
        ),
        rows=tuple(
            (words.word(words.FIGURES, row.key), cells.value(row.phone), cells.value(row.online),
             cells.value(row.difference), cells.span(row.difference))
            for row in found.effects
        ),
        note=_(
            "只比较渠道由抽签决定的服务（{count} 个有效回答，共 {of} 个）；客户自己选的渠道不能这样比较。",
            count=found.random.count if found.random.count is not None else "–",
            of=found.random.of if found.random.of is not None else "–",
        ),
    )  # fmt: skip
    return Section(_("渠道"), (mix, effects))


def _mixed(row: ChannelRow) -> tuple[Cell, ...]:
    """Share and number of the answers that came this way."""
    share, count, _whole = cells.ratio(row.share)
    if isinstance(count, Number):
        count = replace(count, opens=cells.opens(Drill(selection="valid"), channel=row.channel))
    return share, count


def profiles(report: Report) -> Section:
    rows = report.content.profiles.rows
    axis = cells.common_axis(row.overall for row in rows)
    columns = (Column(_("购买次数")), *cells.figure_columns(_("渠道", n=1)))
    body = tuple(
        (
            words.purchases_word(row.purchases),
            *cells.figure_row(words.word(words.CHANNELS, row.channel), row.overall, axis),
        )
        for row in rows
    )
    said = _(
        "多次给出 5 分、从未更低的客户：{n} 位。名单只在页面上按理由导出。", n=report.content.profiles.high_scorers
    )
    table = Table("profiles", _("客户画像：总体满意度"), columns, body)
    return Section(_("客户画像"), (table, Paragraph(said, quiet=True)))


def music(report: Report) -> Section:
    found = report.content.music
    if found.empty:
        return Section(_("结束音乐"), (Paragraph(_("本期没有按键回访，没有播放过结束音乐。"), quiet=True),))
    columns = (
        Column(_("分档")), Column(_("曲目"), wide=1.6), Column(_("播放"), right=True),
        Column(_("抽签播放"), right=True), Column(_("之后不再不满意"), right=True), Column(_("之后的回答"), right=True),
    )  # fmt: skip
    body = tuple(
        (words.word(words.BANDS, row.band), row.tune, Number(row.plays, opens=_plays("tunes", row)),
         Number(row.drawn, opens=_plays("drawn_tunes", row)), cells.ratio(row.later)[0], cells.ratio(row.later)[2])
        for row in found.tunes
    )  # fmt: skip
    note = _("曲目由分数选定，只能在同一分档内比较；之后的回答只看试点抽签播放的。")
    return Section(_("结束音乐"), (Table("music", _("结束音乐"), columns, body, note=note),))


def _plays(selection: str, row: TuneRow) -> str:
    return "calls?" + urlencode({"selection": selection, "tune": row.tune, "band": row.band})


def measure_link(report: Report, row: str) -> Link:
    """Where a measure for this row is opened, with the form filled in."""
    query = urlencode({"period": report.header.key, "row": row})
    return Link(_("立项"), f"/followup/improvements?{query}")


def _named(rows: tuple[NamedFigure, ...]) -> list[tuple[str, Figure]]:
    return [(words.word(words.SCENARIOS, row.key), row.figure) for row in rows]


def _table(
    key: str,
    title: str,
    first: str,
    rows: list[tuple[str, Figure]],
    *,
    verdicts: bool = False,
    leads: Sequence[Link | None] = (),
) -> Table:
    """`leads`: for each row where a measure is opened for it."""
    axis = cells.common_axis(figure for _name, figure in rows)
    body = [cells.figure_row(name, figure, axis, verdicts=verdicts) for name, figure in rows]
    columns = cells.figure_columns(first, verdicts=verdicts)
    if leads:
        columns = (*columns, Column(_("改进"), on_pages=True))
        body = [(*row, lead) for row, lead in zip(body, leads, strict=True)]
    return Table(key=key, title=title, columns=columns, rows=tuple(body), plot=_BARS)
