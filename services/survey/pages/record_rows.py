"""Records as a spreadsheet: the same words as on the page."""

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from chassis.spreadsheets import write_workbook
from chassis.web.i18n import gettext as _
from services.survey.pages.record_words import answer_rows, facts_of
from services.survey.records import Record


def workbook(records: Sequence[Record], *, zone: ZoneInfo, language: str) -> bytes:
    """Two sheets: one row for each callback; one row for each question that was put."""
    facts = [facts_of(record, zone=zone, language=language) for record in records]
    answers = [row for record in records for row in answer_rows(record, language=language)]
    return write_workbook([(_("回访记录"), _table(facts)), (_("问与答"), _table(answers))])


def file_name(first: date, last: date) -> str:
    return f"records-{first:%Y%m%d}-{last:%Y%m%d}.xlsx"


def _table(rows: Sequence[Mapping[str, object]]) -> list[list[object]]:
    """The names of the columns, then the rows."""
    return [list(rows[0]), *[list(row.values()) for row in rows]] if rows else [[_("这段时间没有记录")]]
