"""A report as a file in one of three formats and one of two languages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from chassis.spreadsheets import XLSX
from chassis.web.i18n import Catalog, read_catalog, speech
from chassis.web.templates import SHELL_LOCALE
from services.reporting.documents.compose import compose
from services.reporting.documents.excel import Rows, workbook
from services.reporting.documents.html import html
from services.reporting.documents.pdf import pdf
from services.reporting.model import Report

LOCALE = Path(__file__).parent.parent / "locale"


class Format(StrEnum):
    PDF = "pdf"
    XLSX = "xlsx"
    HTML = "html"


MEDIA = {Format.PDF: "application/pdf", Format.XLSX: XLSX, Format.HTML: "text/html; charset=utf-8"}


def document_file(report: Report, format: Format, language: str, responses: Callable[[], Rows] | None = None) -> bytes:
    """`responses` makes the rows of the workbook's last sheet. Raises `fonts.NoChineseFont` for a PDF."""
    with _speaking(language):
        document = compose(report)
        match format:
            case Format.PDF:
                return pdf(document)
            case Format.HTML:
                return html(document).encode()
            case Format.XLSX:
                return workbook(document, responses() if responses is not None else None)


def file_name(report: Report, format: Format) -> str:
    """`aftercall-2026-10-r2.pdf`; a report that was not published has no number."""
    revision = f"-r{report.header.revision}" if report.header.revision else ""
    return f"aftercall-{report.header.key}{revision}.{format.value}"


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    mark = speech.set(replace(speech.get(), language=language, catalog=_catalog()))
    try:
        yield
    finally:
        speech.reset(mark)


@cache
def _catalog() -> Catalog:
    return read_catalog([SHELL_LOCALE, LOCALE])
