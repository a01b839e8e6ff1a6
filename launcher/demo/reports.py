"""The month's report as three documents, read back: the planted truth lies inside the intervals that they print."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from math import isclose
from pathlib import Path
from zoneinfo import ZoneInfo

from python_calamine import load_workbook

from chassis.runtime import Runtime
from chassis.web.i18n import CHINESE
from launcher.demo.calendar import PERIOD
from launcher.demo.facts.intervals import inside, near
from launcher.demo.population import Population
from launcher.demo.score import Line
from launcher.demo.truth import truth
from services.reporting.calendar import period_of
from services.reporting.documents.blocks import Number, Span
from services.reporting.documents.cells import unit_of
from services.reporting.documents.files import Format, file_name
from services.reporting.documents.fonts import NoChineseFont
from services.reporting.figure import Figure
from services.reporting.model import Report
from services.reporting.publishing import publish
from services.reporting.reports import open_report, published
from services.reporting.writing import report_file

NAME = "本月报告的 PDF、Excel、HTML"
TOLD = ("overall", "nps", "solved")


async def month_report(runtime: Runtime, month: Population, folder: Path) -> tuple[Line, list[Path]]:
    """Writes the documents of the month into `folder`; the line says whether they print what is true."""
    period = period_of(PERIOD, ZoneInfo(runtime.settings.operator_zone))
    # the sampling period has just closed: this revision is final, the mornings' ones were provisional
    report = (
        await publish(runtime, period)
        or await published(runtime, PERIOD)
        or await open_report(runtime, period, current=True)
    )
    made: dict[Format, bytes] = {}
    without = ""
    for format in Format:
        try:
            made[format] = await report_file(runtime, period, report, format, CHINESE)
        except NoChineseFont as error:
            without = f"；没有 PDF：{error}"
    named = {folder / file_name(report, format): content for format, content in made.items()}
    await asyncio.to_thread(_write, folder, named)
    return _judged(report, month, made, without), list(named)


def _write(folder: Path, files: Mapping[Path, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        file.write_bytes(content)


def _judged(report: Report, month: Population, made: dict[Format, bytes], without: str) -> Line:
    true = truth(month.works).figures
    figures = {key: report.content.summary.figures[key] for key in TOLD}
    printed = all(_printed(figure, made) for figure in figures.values())
    holds = all(near(true[key], figure.estimate, figure.low, figure.high) for key, figure in figures.items())
    hits = sum(inside(true[key], figure.low, figure.high) for key, figure in figures.items())
    whole = Format.PDF not in made or made[Format.PDF].startswith(b"%PDF")
    found = f"第 {report.header.revision} 版，真值在 {hits} / {len(figures)} 个印出的区间内{without}"
    planted = "，".join(Number(true[key], unit_of(figure)).text for key, figure in figures.items())
    return Line(NAME, printed and holds and whole, found, planted)


def _printed(figure: Figure, made: dict[Format, bytes]) -> bool:
    """The page writes estimate and interval, the workbook holds the numbers themselves."""
    if figure.estimate is None or figure.low is None or figure.high is None:
        return False
    unit = unit_of(figure)
    page = made[Format.HTML].decode()
    words = (Number(figure.estimate, unit).text, Span(figure.low, figure.high, unit).text)
    cover = load_workbook(io.BytesIO(made[Format.XLSX])).get_sheet_by_index(0).to_python()
    numbers = (figure.estimate, figure.low, figure.high)
    return all(word in page for word in words) and any(_same(row[1:4], numbers) for row in cover)


def _same(cells: Sequence[object], numbers: Sequence[float]) -> bool:
    """A workbook keeps 16 digits of a number, one less than it may take to tell it exactly."""
    return len(cells) == len(numbers) and all(
        isinstance(cell, float) and isclose(cell, number, rel_tol=1e-12)
        for cell, number in zip(cells, numbers, strict=True)
    )
