"""Tables from CSV and Excel files, and workbooks that hold nothing that a spreadsheet program would run."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from python_calamine import CalamineError, load_workbook

from chassis.zones import instant_of

UNPACKED_LIMIT = 200 * 1024 * 1024  # a workbook is a zip file: what unpacks to more is no table of 50,000 rows
ACTIVE = ("=", "+", "-", "@", "\t", "\r")
"""What a formula begins with."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Table = list[list[Any]]
"""Rows of cells: text, numbers, dates; of a formula only the value that was stored with it."""


class TableRefused(Exception):
    """The file cannot be read as a table; says why."""


def read_table(content: bytes) -> Table:
    """The first sheet of an .xlsx, or a CSV in UTF-8 or GB18030. Nothing is computed. Raises `TableRefused`."""
    table = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(content)
    if not table:
        raise TableRefused("the table is empty")
    return table


def write_workbook(sheets: Iterable[tuple[str, Sequence[Sequence[object]]]]) -> bytes:
    """Sheets by name, the first row of each a heading. Texts stay texts: no cell becomes a formula or a link."""
    stored = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stored, options) as workbook:
        heading = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, rows in sheets:
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 40, 20)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    _write(sheet, number, column, value, heading if number == 0 else None)
    return stored.getvalue()


def write_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a mark, so that Excel reads Chinese; cells that a spreadsheet would run are neutralised."""
    stored = io.StringIO()
    csv.writer(stored).writerows([[harmless(value) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + stored.getvalue().encode()


def harmless(value: object) -> object:
    """A text that begins like a formula is marked as text (OWASP, "CSV Injection")."""
    return f"'{value}" if isinstance(value, str) and value.startswith(ACTIVE) else value


def text_of(cell: object) -> str | None:
    """A number of a spreadsheet loses the .0 that it was given; nothing but blanks is nothing."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip() if cell is not None else ""
    return text or None


def instant_in(cell: object, zone: ZoneInfo) -> datetime | None:
    """A date is its noon; a time without offset is the operator's. Raises `ValueError`."""
    if isinstance(cell, datetime):
        found = cell
    elif isinstance(cell, date):
        found = datetime.combine(cell, time(12))
    else:
        text = text_of(cell)
        if text is None:
            return None
        found = datetime.fromisoformat(text)
        found = found if len(text) > len("2026-10-14") else found.replace(hour=12)
    return found if found.tzinfo is not None else instant_of(found, zone)


def _write(sheet: Any, row: int, column: int, value: object, shape: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(row, column, str(harmless(value)), shape)
    else:
        sheet.write_number(row, column, value, shape)


def _xlsx(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_LIMIT:
                raise TableRefused("the workbook unpacks to more than 200 MB")
        return load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, zipfile.BadZipFile) as error:
        raise TableRefused(f"the workbook cannot be read ({type(error).__name__})") from None


def _csv(content: bytes) -> Table:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise TableRefused("the text is neither UTF-8 nor GB18030") from None
    if "\x00" in text:
        raise TableRefused("the file is neither a CSV text nor an Excel workbook (.xlsx)")
    try:
        return [list(row) for row in csv.reader(io.StringIO(text))]
    except csv.Error as error:
        raise TableRefused(f"the CSV cannot be read ({error})") from None
