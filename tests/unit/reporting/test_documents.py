"""The report as HTML, PDF and Excel: the same numbers in all three, in both languages, and no box for a glyph."""

import html as markup
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from python_calamine import load_workbook

from chassis.web.i18n import Speech, read_catalog, speech
from chassis.web.templates import SHELL_LOCALE
from services.reporting.documents import fonts
from services.reporting.documents.blocks import (
    Column,
    Document,
    Estimates,
    Number,
    Paragraph,
    Section,
    Span,
    Strip,
    Table,
    text_of,
)
from services.reporting.documents.compose import compose
from services.reporting.documents.excel import Rows, workbook
from services.reporting.documents.fonts import NoChineseFont, Typeface, chinese_typeface, typeface_in
from services.reporting.documents.html import html
from services.reporting.documents.pdf import UnwritableText, pdf
from services.reporting.model import PeriodKind
from tests.unit.reporting.invented_report import a_report

LOCALE = Path(fonts.__file__).parents[1] / "locale"
CATALOG = read_catalog([SHELL_LOCALE, LOCALE])
BOTH = pytest.mark.parametrize("language", ["zh-CN", "en"])
KINDS = pytest.mark.parametrize("kind", list(PeriodKind))


@contextmanager
def spoken(language: str) -> Iterator[None]:
    mark = speech.set(Speech(language=language, catalog=CATALOG))
    try:
        yield
    finally:
        speech.reset(mark)


def a_document(language: str = "zh-CN", kind: PeriodKind = PeriodKind.MONTH) -> Document:
    with spoken(language):
        return compose(a_report(kind))


def one_table(*rows: tuple[object, ...]) -> Document:
    columns = tuple(Column(f"c{n}") for n in range(len(rows[0])))
    table = Table("t", "t", columns, rows)  # type: ignore[arg-type]
    return Document("zh-CN", "k", "p", "t", "l", (Section("s", (table,)),), "f")


def told_numbers(document: Document) -> list[str]:
    """Every number and interval of the document as it is written."""
    found: list[str] = []
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Estimates):
                found += [part.text for item in block.items for part in (item.value, item.span) if part is not None]
            if isinstance(block, Table):
                found += [cell.text for row in block.rows for cell in row if isinstance(cell, Number | Span)]
    return found


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of_pdf(content: bytes, folder: Path) -> str:
    file = folder / "report.pdf"
    file.write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout


def sheets_of(content: bytes) -> dict[str, list[list[object]]]:
    book = load_workbook(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@BOTH
@KINDS
def test_every_number_of_the_report_stands_in_the_html(language: str, kind: PeriodKind) -> None:
    document = a_document(language, kind)
    page = squeezed(markup.unescape(re.sub(r"<[^>]+>", " ", html(document))))
    numbers = told_numbers(document)
    assert len(numbers) > 100
    assert [number for number in numbers if squeezed(number) not in page] == []


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) reads the PDF back")
@BOTH
@KINDS
def test_every_number_of_the_report_stands_in_the_pdf(language: str, kind: PeriodKind, tmp_path: Path) -> None:
    document = a_document(language, kind)
    text = squeezed(text_of_pdf(pdf(document), tmp_path))
    assert [number for number in told_numbers(document) if squeezed(number) not in text] == []
    for section in document.sections:
        assert squeezed(section.title) in text


@BOTH
@KINDS
def test_the_workbook_holds_the_numbers_themselves(language: str, kind: PeriodKind) -> None:
    document = a_document(language, kind)
    with spoken(language):
        sheets = sheets_of(workbook(document))
    assert len(sheets) == 1 + len(list(document.tables()))
    for table, sheet in zip(document.tables(), list(sheets.values())[1:], strict=True):
        rows = sheet[1 : len(table.rows) + 1]
        for written, row in zip(rows, table.rows, strict=True):
            wanted = [part for cell in row for part in _parts(cell)]
            found = [value for value in written if isinstance(value, float | int) and not isinstance(value, bool)]
            assert found == pytest.approx(wanted, abs=1e-12), table.title


def _parts(cell: object) -> list[float]:
    if isinstance(cell, Span):
        return [cell.low, cell.high]
    return [cell.value] if isinstance(cell, Number) else []


def test_the_figures_of_the_model_are_those_of_the_document() -> None:
    report, document = a_report(), a_document()
    (block,) = [b for b in document.sections[0].blocks if isinstance(b, Estimates)]
    figures = [report.content.summary.figures[key] for key in ("overall", "nps", "solved", "problem")]
    assert [item.value.value for item in block.items if item.value] == [figure.estimate for figure in figures]
    assert [(i.span.low, i.span.high) for i in block.items if i.span] == [(f.low, f.high) for f in figures]


def test_equal_reports_give_equal_documents() -> None:
    assert pdf(a_document()) == pdf(a_document())
    assert html(a_document()) == html(a_document())


def test_a_figure_without_an_interval_is_not_printed_and_says_why() -> None:
    (profiles,) = [table for table in a_document().tables() if table.key == "profiles"]
    refused = [text_of(cell) for cell in profiles.rows[1]]
    assert "人数太少，不显示" in refused
    assert not any(isinstance(cell, Number | Span | Strip) for cell in profiles.rows[1])


def test_text_stays_text() -> None:
    """Neither Typst nor Excel nor the browser runs what stands in a cell."""
    hostile = "=1+1 #panic() <script>alert(1)</script> $x$ *bold* {{ 7*7 }}"
    document = one_table((hostile, Number(1)))
    assert pdf(document).startswith(b"%PDF")
    assert "<script>" not in html(document)
    assert sheets_of(workbook(document))["t"][1][0] == f"'{hostile}"


def test_one_row_for_each_response() -> None:
    told = pl.DataFrame(
        {
            "回答": ["r-1", "r-2"],
            "评分": [5, 1],
            "原因": [None, "@cmd"],
            "权重": [1 / 3, 2.0],
            "产品": ["<A&B>", "一\x01\n二"],
        }
    )
    found = sheets_of(workbook(one_table(("a",)), Rows("回答", told.columns, told)))["回答"]
    assert found == [told.columns, ["r-1", 5.0, "", 1 / 3, "<A&B>"], ["r-2", 1.0, "'@cmd", 2.0, "一\n二"]]


def test_a_row_may_have_more_columns_than_the_alphabet_has_letters() -> None:
    told = pl.DataFrame({f"c{n}": [n] for n in range(30)})
    found = sheets_of(workbook(one_table(("a",)), Rows("回答", told.columns, told)))["回答"]
    assert found[1] == [float(n) for n in range(30)]


def test_sheets_get_names_that_excel_takes() -> None:
    columns = (Column("c"),)
    tables = tuple(Table(f"k{n}", "A/B: [x]* 很长" + "长" * 40, columns, (("v",),)) for n in range(2))
    document = Document("zh-CN", "k", "p", "t", "l", (Section("s", tables),), "f")
    names = list(sheets_of(workbook(document)))
    assert len(set(names)) == 3
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_without_a_chinese_font_the_pdf_is_refused_with_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(NoChineseFont, match="fonts-noto-cjk"):
        typeface_in([tmp_path])


def test_a_missing_glyph_is_an_error_and_never_a_box() -> None:
    face = chinese_typeface()
    thin = Typeface(face.family, face.fonts, face.glyphs - {ord("满")})
    with pytest.raises(UnwritableText, match="U\\+6EE1"):
        pdf(a_document(), thin)


def test_the_font_of_this_machine_writes_everything_that_a_report_says() -> None:
    document = replace(a_document(), sections=(Section("全", (Paragraph("▼■▲≈√×–−·≥±…→％“”（）、。"),)),))
    assert pdf(document).startswith(b"%PDF")


def test_no_verbatim_and_no_name_reaches_a_document() -> None:
    """The report model has no field for a text of a customer; what it holds of people are sign-in names of owners."""
    page = html(a_document())
    assert "customer" not in page.lower().replace("customers", "")
