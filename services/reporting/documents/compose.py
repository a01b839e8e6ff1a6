"""Report model → document: chapters in the order of the report, the finding as its title."""

from dataclasses import replace

from chassis.web.i18n import gettext as _
from chassis.web.i18n import speech
from services.reporting import words
from services.reporting.documents import cells
from services.reporting.documents.blocks import Document, Number, Section, Table
from services.reporting.documents.chapters import answers, findings, performance, sample, trends, working
from services.reporting.documents.tables import on_paper
from services.reporting.model import PeriodKind, Report


def compose(report: Report) -> Document:
    """In the language of the moment (`chassis.web.i18n.speech`). The same report gives the same document."""
    week = report.header.kind is PeriodKind.WEEK
    chapters = (
        findings.headlines(report),
        findings.bands(report),
        findings.conclusions(report),
        performance.weekly(report),
        answers.dimensions(report),
        answers.nps(report),
        answers.problems(report),
        working.measures(report),
        working.checks(report),
        performance.efficiency(report),
        trends.trend(report),
        answers.channels(report),
        answers.profiles(report),
        performance.teams(report),
        answers.music(report),
        sample.participation(report),
        sample.strata(report),
        sample.apart(report),
        sample.method(report),
    )
    return Document(
        language=speech.get().language,
        kind=_("服务回访周报") if week else _("服务回访月报"),
        period=_period(report),
        title=_title(report),
        lead=_lead(report),
        sections=tuple(_on_paper(chapter) for chapter in chapters if chapter is not None),
        foot=_foot(report),
    )


def _on_paper(section: Section) -> Section:
    blocks = tuple(on_paper(block) if isinstance(block, Table) else block for block in section.blocks)
    return replace(section, blocks=blocks)


def _period(report: Report) -> str:
    return words.any_period_word(report.header.key) + (_("（暂定）") if report.header.provisional else "")


def _title(report: Report) -> str:
    """The finding in a sentence: in a week the most frequent problems, else what the intervals tell apart."""
    weekly, found = report.content.weekly, report.content.conclusions
    if weekly is not None and weekly.frequent:
        names = _("与").join(words.word(words.PROBLEMS, code) for code, _number in weekly.frequent[:2])
        return _("{names}，是本周最多的问题", names=names)
    if found.shortcomings:
        return _("{name}是短板", name=words.word(words.FIGURES, found.shortcomings[0].key))
    if found.strengths:
        return _("{name}是长处", name=words.word(words.FIGURES, found.strengths[0].key))
    return _("各维度之间没有可分辨的差别")


def _lead(report: Report) -> str:
    sentences = []
    for name, figure in ((_("总体满意度"), report.content.conclusions.satisfaction), ("NPS", report.content.nps.nps)):
        value, span = cells.value(figure), cells.interval(figure)
        if isinstance(value, Number) and span is not None:
            sentences.append(_("{name} {value}（95% 区间 {span}）", name=name, value=value.text, span=span.text))
    if not sentences:
        return _("本期的回答还不够写出估计。")
    return _("，").join(sentences) + _("。")


def _foot(report: Report) -> str:
    revision = _("第 {n} 版", n=report.header.revision) if report.header.revision else _("未发布")
    return _("人数太少的格子不显示。估计按抽样设计加权。{revision}，摘要 {digest}", revision=revision,
             digest=report.header.digest[:16])  # fmt: skip
