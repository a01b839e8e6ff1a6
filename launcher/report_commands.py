"""`aftercall report`: the report of a month or a week as a document."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from launcher.options import RunningData


class FileFormat(StrEnum):
    pdf = "pdf"
    xlsx = "xlsx"
    html = "html"


class Language(StrEnum):
    zh = "zh"
    en = "en"


def report(
    file: Annotated[Path, typer.Argument(help="The file to write; an older one is replaced.")],
    period: Annotated[str, typer.Option(help="A month such as 2026-10, or a week such as 2026-W43.")],
    format: Annotated[FileFormat, typer.Option(help="The workbook has a row for each response.")] = FileFormat.pdf,
    lang: Annotated[Language, typer.Option(help="Chinese or English.")] = Language.zh,
    live: Annotated[bool, typer.Option("--live", help="The figures of this moment, also when published.")] = False,
    data: RunningData = None,
) -> None:
    """The report of a month or a week as PDF, Excel or HTML: the newest published revision, else as of now."""
    from launcher.reporting import write_report
    from launcher.terminal import finish

    finish(write_report(period, file, format=format.value, lang=lang.value, live=live, data=data))
