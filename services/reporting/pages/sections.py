"""The pages of a report that are its chapters: one address each, the same tables as on paper, every n a link."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request, Response

from chassis.web.i18n import N_
from chassis.web.pages import render, runtime_of
from chassis.web.router import GuardedRouter
from services.reporting import words
from services.reporting.documents.blocks import Section
from services.reporting.documents.chapters import answers, findings, performance, trends, working
from services.reporting.doors import READERS, ReportKey
from services.reporting.model import PeriodKind, Report
from services.reporting.pages.charts import TOOLS
from services.reporting.pages.opening import opened

Chapter = Callable[[Report], Section | None]


@dataclass(frozen=True)
class ChapterPage:
    """`kind`: of the report that it shows when none is asked for."""

    path: str
    title: str
    chapters: tuple[Chapter, ...]
    kind: PeriodKind = PeriodKind.MONTH


PAGES = (
    ChapterPage("conclusions", N_("核心结论"), (findings.headlines, findings.bands, findings.conclusions)),
    ChapterPage("dimensions", N_("维度"), (answers.dimensions,)),
    ChapterPage("nps", "NPS", (answers.nps,)),
    ChapterPage("improvements", N_("改进措施"), (working.measures,)),
    ChapterPage("checks", N_("待核实"), (working.checks,)),
    ChapterPage("channels", N_("渠道"), (answers.channels,)),
    ChapterPage("trends", N_("趋势"), (trends.trend,)),
    ChapterPage("weekly", N_("周回顾"), (performance.weekly, findings.headlines, answers.problems), PeriodKind.WEEK),
    ChapterPage("monthly", N_("月度效率"), (performance.efficiency,)),
    ChapterPage("people", N_("座席与团队"), (performance.agents, performance.teams)),
    ChapterPage("music", N_("结束音乐"), (findings.bands, answers.music)),
)

router = GuardedRouter()


def _serve(page: ChapterPage) -> None:
    @router.get(f"/{page.path}", access=READERS, name=page.path)
    async def show(request: Request, period: ReportKey = None) -> Response:
        found = await opened(request, period, kind=page.kind)
        chapters = [chapter(found.report) for chapter in page.chapters]
        return render(
            request,
            "section.html",
            now=await runtime_of(request).now(),
            page=page,
            report=found.report,
            others=found.others,
            sections=[section for section in chapters if section is not None],
            tools=TOOLS,
            words=words,
        )


for _page in PAGES:
    _serve(_page)
