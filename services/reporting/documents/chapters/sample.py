"""Where the figures come from: outcomes, recovery, strata, what no estimate counts, and how it was computed."""

from chassis.web.i18n import gettext as _
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import Bar, Block, Cell, Column, Number, Paragraph, Piece, Section, Table
from services.reporting.documents.units import Unit
from services.reporting.model import Report
from services.reporting.outcomes import COUNTED
from services.reporting.report import StratumRow

_INKS = ("accent", "accent2", "grey1", "grey2", "grey3", "grey4")


def participation(report: Report) -> Section:
    found = report.content.summary
    pieces = tuple(
        Piece(_(words.OUTCOMES[outcome.value]), Number(found.aapor.counts[outcome]), ink)
        for outcome, ink in zip(COUNTED, _INKS, strict=True)
    )
    aapor = found.aapor
    shares: list[tuple[Cell, ...]] = [
        (_("参与率：至少回答一题 ÷ 合格入样"), *cells.ratio(found.participation.participation)),
        (_("有效回收率：清洗后有效 ÷ 合格入样"), *cells.ratio(found.participation.recovery)),
    ]
    shares += [(name, *cells.ratio(one)) for name, one in (("RR1", aapor.rr1), ("RR2", aapor.rr2))]
    shares += [
        (name, cells.plain_number(v, Unit.SHARE), None, None) for name, v in (("RR3", aapor.rr3), ("RR4", aapor.rr4))
    ]
    shares += [
        (name, *cells.ratio(one))
        for name, one in (
            ("RR5", aapor.rr5), ("RR6", aapor.rr6), (_("合作率"), aapor.cooperation), (_("接触率"), aapor.contact),
            (_("拒访率"), aapor.refusal),
        )
    ]  # fmt: skip
    table = Table(
        key="participation",
        title=_("参与与回收"),
        columns=(
            Column(_("率"), wide=2.6),
            Column("%", right=True),
            Column(_("件数"), right=True),
            Column(_("合计"), right=True),
        ),
        rows=tuple(shares),
    )
    blocks: list[Block] = [Bar(_("AAPOR 结果的构成"), pieces), table]
    if aapor.open:
        blocks.append(Paragraph(_("其中 {n} 件还没有结清，暂计入资格不明。", n=aapor.open), quiet=True))
    return Section(_("参与与回收"), tuple(blocks))


def strata(report: Report) -> Section:
    found = report.content.summary
    table = Table(
        key="strata",
        title=_("分层"),
        columns=(
            Column(_("分层", n=1), wide=2.2), Column(_("比率版本"), right=True), Column(_("到达 N"), right=True),
            Column(_("抽中 n"), right=True), Column(_("有效回答 r"), right=True), Column(_("权重 N ÷ r"), right=True),
            Column(_("本层均值"), right=True), Column(_("说明"), wide=1.4),
        ),
        rows=tuple(_stratum(row, report) for row in found.strata),
        note=_("框外 {outside} 件，拒收 {rejected} 件，不属于总体。", outside=found.outside.out_of_frame,
               rejected=found.outside.rejected),
    )  # fmt: skip
    return Section(_("分层"), (table, *_skew(report)))


def _stratum(row: StratumRow, report: Report) -> tuple[Cell, ...]:
    enough = row.overall is not None and (row.answered or 0) >= report.header.minimum_n
    notes = [
        _("全部抽取") if row.certainty else "",
        _("比一成少 {n} 件", n=row.shortfall) if row.shortfall else "",
        _("没有回答，不在估计之内") if row.stratum in report.content.summary.uncovered else "",
    ]
    return (
        words.stratum_word(row.stratum), Number(row.rate_version), Number(row.accepted), Number(row.selected),
        cells.plain_number(row.answered), cells.plain_number(row.weight, Unit.WEIGHT),
        cells.plain_number(row.overall if enough else None, Unit.MEAN), _("；").join(note for note in notes if note),
    )  # fmt: skip


def _skew(report: Report) -> tuple[Block, ...]:
    found = report.content.summary
    overall = found.figures["overall"]
    estimate = cells.value(overall)
    if overall.raw is None or not isinstance(estimate, Number):
        return ()
    raw = Number(overall.raw, Unit.MEAN).text
    told = [_("未加权均值为 {raw}，加权估计为 {weighted}。", raw=raw, weighted=estimate.text)]
    if found.skew is not None:
        text = _(
            "两者不同，因为各层的抽中比例和回答比例不同：{stratum}占服务的 {population}，在回答里占 {answers}。",
            stratum=words.stratum_word(found.skew.stratum),
            population=Number(found.skew.population_share, Unit.SHARE).text,
            answers=Number(found.skew.answer_share, Unit.SHARE).text,
        )
        told.append(text)
    return tuple(Paragraph(text, quiet=True) for text in told)


def apart(report: Report) -> Section:
    """Counts beside the figures."""
    outside, recovery = report.content.summary.outside, report.content.summary.recovery
    rows: tuple[tuple[Cell, ...], ...] = (
        (_("设计外的回答"), Number(outside.outside_design)),
        (_("已作废的回答"), Number(outside.voided)),
        (_("同一服务的多余回答"), Number(outside.repeated)),
        (_("没有作答的记录"), Number(outside.empty)),
        (_("没有权重的回答"), Number(outside.without_weight)),
        (_("待核实的回答（仍计入）"), Number(report.content.summary.flagged)),
        (_("二次回访前后成对"), Number(recovery.pairs)),
        (_("前：平均评分"), cells.plain_number(recovery.before, Unit.MEAN)),
        (_("后：平均评分"), cells.plain_number(recovery.after, Unit.MEAN)),
        (_("不满意后恢复"), cells.ratio(recovery.recovered)[1]),
        (_("其中不满意的"), cells.ratio(recovery.recovered)[2]),
    )
    table = Table("apart", _("不进入估计的"), (Column(_("内容"), wide=3), Column(_("数目"), right=True)), rows)
    return Section(_("不进入估计的"), (table,))


def method(report: Report) -> Section:
    said = _(
        "估计按抽样设计加权：权重 w = (N ÷ n) · (n 格 ÷ r 格)，含有限总体校正；"
        "比例用 Korn–Graubard 区间，均值用 t 区间。"
        "少于 {n} 个回答时不写区间。摘要是报告内容的 SHA-256：数字相同，摘要相同。",
        n=report.header.minimum_n,
    )
    provisional = _("本期抽样尚未关闭：总体 N 按已到达的服务计数，所有数字为暂定。")
    told = [said, provisional] if report.header.provisional else [said]
    return Section(_("方法"), tuple(Paragraph(text, quiet=True) for text in told))
