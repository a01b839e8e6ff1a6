"""Every template of the chapters' pages renders a whole report, in both languages, with its links."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from chassis.web.i18n import Speech, read_catalog, speech
from chassis.web.navigation import Bars
from chassis.web.templates import SHELL_LOCALE, environment
from services.reporting import app, words
from services.reporting.documents.blocks import Number, Table
from services.reporting.model import PeriodKind
from services.reporting.pages.charts import TOOLS
from services.reporting.pages.sections import PAGES, ChapterPage
from tests.unit.reporting.invented_report import a_report

FOLDER = Path(app.__file__).parent
CATALOG = read_catalog([SHELL_LOCALE, FOLDER / "locale"])


@pytest.fixture(params=["zh-CN", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    mark = speech.set(Speech(language=request.param, catalog=CATALOG))
    yield request.param
    speech.reset(mark)


def rendered(page: ChapterPage, language: str) -> str:
    report = a_report(page.kind)
    env = environment(FOLDER / "templates", {"reporting": FOLDER / "static"})
    chapters = [chapter(report) for chapter in page.chapters]
    return env.get_template("section.html").render(
        person=None, here=f"/reporting/{page.path}", language=language, theme=None,
        now=datetime(2026, 11, 5, tzinfo=UTC),
        bars=Bars((), (), None), switch=lambda **choice: "", page=page, report=report, others=[report.header.key],
        sections=[section for section in chapters if section is not None], tools=TOOLS, words=words,
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_shows_every_number_of_its_chapters(page: ChapterPage, language: str) -> None:
    shown = re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", " ", rendered(page, language))))
    chapters = [chapter(a_report(page.kind)) for chapter in page.chapters]
    numbers = [
        cell.text
        for chapter in chapters
        if chapter is not None
        for block in chapter.blocks
        if isinstance(block, Table)
        for row in block.rows
        for cell in row
        if isinstance(cell, Number)
    ]
    assert [number for number in numbers if number not in shown] == []


def test_every_n_is_a_link_to_what_it_counts(language: str) -> None:
    (page,) = [page for page in PAGES if page.path == "weekly"]
    links = [unescape(link) for link in re.findall(r'href="(/reporting/cases[^"]+)"', rendered(page, language))]
    assert "/reporting/cases?figure=problem&period=2026-W43" in links
    assert "/reporting/cases?figure=problem&problem=process&period=2026-W43" in links
    assert len(links) == 4 + 5 + 4 + 3


def test_a_chart_carries_the_numbers_of_its_table(language: str) -> None:
    (page,) = [page for page in PAGES if page.path == "trends"]
    charts = [json.loads(unescape(data)) for data in re.findall(r'data-chart="([^"]+)"', rendered(page, language))]
    told = [trend.points for trend in a_report().content.trends]
    assert [chart["values"] for chart in charts] == [[p.estimate for p in points] for points in told]
    assert all(len(chart["limits"]) == 3 for chart in charts)


def test_weeks_have_their_review_and_months_their_efficiency() -> None:
    pages = {page.path: page for page in PAGES}
    assert pages["weekly"].kind is PeriodKind.WEEK
    assert pages["monthly"].kind is PeriodKind.MONTH
    assert rendered(pages["monthly"], "zh-CN").count("<svg") >= 6
