"""A table of answers given elsewhere, row by row: what each column holds is said in its heading, never guessed.

Columns of answers are those of the questionnaire's table form; beside them stand the columns of the record itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.spreadsheets import Table, instant_in, text_of
from contracts.vocabulary import AnswerState, Channel, QuestionKind
from services.survey.interview import InvalidAnswer
from services.survey.quality import SAME_TEXT, folded
from services.survey.questionnaire import Question, Questionnaire
from services.survey.renderings.sheet import Unit, UnknownColumn, columns, read_cell, read_heading

MOST_ROWS = 50_000
LONGEST_ID = 200
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "service_id": ("service_id", "服务单号"),
    "answered_at": ("answered_at", "回答时间"),
    "channel": ("channel", "渠道"),
    "connected_at": ("connected_at", "接通时间"),
    "seconds": ("seconds", "用时秒数"),
}
_CHANNELS: Mapping[str, Channel] = {
    **{channel.value: channel for channel in Channel if channel is not Channel.IVR},
    "电话": Channel.PHONE,
    "短信": Channel.SMS,
    "邮件": Channel.EMAIL,
    "导入": Channel.IMPORT,
}
_TOLD = (("列", "说明", "可填的值", "必填"), ("column", "meaning", "values", "required"))
_MEANINGS: Mapping[str, tuple[str, str]] = {
    "service_id": ("服务单号，必填", "number of the service, required"),
    "answered_at": ("回答时间，必填，如 2026-10-14 15:30", "when it was answered, required, such as 2026-10-14 15:30"),
    "channel": ("渠道：phone、sms、email、import，空白为 import", "phone, sms, email or import; empty: import"),
    "connected_at": ("电话接通时间，可空", "when the call was connected, may be empty"),
    "seconds": ("回答用时（秒），可空", "seconds that the answers took, may be empty"),
}
Said = Mapping[str, int | str | AnswerState]
Fields = dict[str, int]
"""Places of the columns of the record."""
Asked = dict[int, tuple[Question, Unit]]
"""Questions by the place of their column."""


class ImportRefused(Exception):
    """The whole table cannot be taken: the place, and the rule."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


@dataclass(frozen=True)
class RowFault:
    """The column, and the rule that its cell breaks; never what stood there."""

    field: str
    rule: str


@dataclass(frozen=True)
class AnswerRow:
    """`number` counts as the table shows it, the heading is 1. `same_texts`: rows of the file with the same remark."""

    number: int
    service_id: str
    channel: Channel
    answered_at: datetime
    connected_at: datetime | None
    seconds: int | None
    said: Said
    same_texts: int = 1


@dataclass(frozen=True)
class RefusedRow:
    number: int
    service_id: str | None
    fault: RowFault


def template(questionnaire: Questionnaire, language: str) -> list[tuple[str, list[list[object]]]]:
    """Sheets of the workbook to fill in: the table with its heading, and what each column takes."""
    place = 0 if language.startswith("zh") else 1
    asked = columns(questionnaire, "zh-CN" if place == 0 else "en")
    told: list[list[object]] = [list(_TOLD[place])]
    told += [[name, _MEANINGS[name][place], "", ""] for name in _FIELDS]
    for column in asked:
        values = "; ".join(f"{value} = {meaning}" if meaning else value for value, meaning in column.values)
        told.append([column.name, column.asks, values, _TOLD[place][3] if column.required else ""])
    return [("answers", [[*_FIELDS, *(column.name for column in asked)]]), ("columns", told)]


def rows_of(table: Table, questionnaire: Questionnaire, zone: ZoneInfo) -> list[AnswerRow | RefusedRow]:
    """Every row with something in it, in the table's order. Raises `ImportRefused` for a table that cannot be taken."""
    fields, asked = _heading(table[0], questionnaire)
    if len(table) - 1 > MOST_ROWS:
        raise ImportRefused("rows", f"{len(table) - 1} rows, at most {MOST_ROWS} are taken at once")
    filled = [(number, row) for number, row in enumerate(table[1:], start=2) if any(text_of(cell) for cell in row)]
    if not filled:
        raise ImportRefused("rows", "the table has a heading and nothing below it")
    read = [_row(number, row, fields, asked, zone) for number, row in filled]
    return _with_same_texts(read, [question for question, _ in asked.values()])


def _heading(cells: Sequence[object], questionnaire: Questionnaire) -> tuple[Fields, Asked]:
    fields: Fields = {}
    asked: Asked = {}
    for place, cell in enumerate(cells):
        name = text_of(cell)
        if name is None:
            continue
        field = next((field for field, spellings in _FIELDS.items() if name.casefold() in spellings), None)
        if field is not None and field not in fields:
            fields[field] = place
            continue
        question, unit = _question(questionnaire, name)
        if any(question.id == known.id for known, _ in asked.values()):
            raise ImportRefused(f"column {name}", "is a second column for the same question")
        asked[place] = question, unit
    for field in ("service_id", "answered_at"):
        if field not in fields:
            raise ImportRefused(f"column {field}", f"is missing in the first row ({_FIELDS[field][1]})")
    if not asked:
        raise ImportRefused("columns", f"no question of {questionnaire.id} has a column")
    return fields, asked


def _question(questionnaire: Questionnaire, name: str) -> tuple[Question, Unit]:
    if any(name.casefold() in spellings for spellings in _FIELDS.values()):
        raise ImportRefused(f"column {name}", "stands in the first row twice")
    try:
        return read_heading(questionnaire, name)
    except UnknownColumn as unknown:
        raise ImportRefused(f"column {unknown.name}", unknown.rule) from None


def _row(
    number: int,
    cells: Sequence[object],
    fields: Fields,
    asked: Asked,
    zone: ZoneInfo,
) -> AnswerRow | RefusedRow:
    def cell(field: str) -> object:
        place = fields.get(field, len(cells))
        return cells[place] if place < len(cells) else None

    service_id = text_of(cell("service_id"))
    try:
        if service_id is None or len(service_id) > LONGEST_ID or "\x00" in service_id:
            raise ImportRefused("service_id", f"is missing or longer than {LONGEST_ID} characters")
        answered_at = _instant(cell("answered_at"), "answered_at", zone)
        if answered_at is None:
            raise ImportRefused("answered_at", "is missing")
        return AnswerRow(
            number=number,
            service_id=service_id,
            channel=_channel(cell("channel")),
            answered_at=answered_at,
            connected_at=_instant(cell("connected_at"), "connected_at", zone),
            seconds=_seconds(cell("seconds")),
            said=_said(cells, asked),
        )
    except ImportRefused as fault:
        known = service_id if service_id is not None and len(service_id) <= LONGEST_ID else None
        return RefusedRow(number, known, RowFault(fault.field, fault.rule))
    except InvalidAnswer as wrong:
        return RefusedRow(number, service_id, RowFault(f"answers.{wrong.question_id}", wrong.rule))


def _said(cells: Sequence[object], asked: Asked) -> dict[str, int | str | AnswerState]:
    said: dict[str, int | str | AnswerState] = {}
    for place, (question, unit) in asked.items():
        given = cells[place] if place < len(cells) else None
        if given is not None and not isinstance(given, int | float | str):
            raise InvalidAnswer(question.id, "is a date, not an answer")
        value = read_cell(question, unit, given)
        if value is not None:
            said[question.id] = value
    if not said:
        raise ImportRefused("answers", "nothing is answered")
    return said


def _channel(cell: object) -> Channel:
    text = text_of(cell)
    if text is None:
        return Channel.IMPORT
    if text.casefold() not in _CHANNELS:
        raise ImportRefused("channel", f"must be one of {', '.join(_CHANNELS)}")
    return _CHANNELS[text.casefold()]


def _instant(cell: object, field: str, zone: ZoneInfo) -> datetime | None:
    try:
        return instant_in(cell, zone)
    except ValueError:
        raise ImportRefused(field, "is no time such as 2026-10-14 15:30") from None


def _seconds(cell: object) -> int | None:
    text = text_of(cell)
    if text is None:
        return None
    if not text.removeprefix("-").isdecimal() or len(text) > 6:
        raise ImportRefused("seconds", "must be a whole number")
    return int(text)


def _with_same_texts(
    rows: Sequence[AnswerRow | RefusedRow], questions: Sequence[Question]
) -> list[AnswerRow | RefusedRow]:
    """Counts, for each row, in how many its longest remark stands."""
    open_ones = [question.id for question in questions if question.kind is QuestionKind.TEXT]

    def remark(row: AnswerRow | RefusedRow) -> str:
        if isinstance(row, RefusedRow):
            return ""
        said = [folded(text) for name in open_ones if isinstance(text := row.said.get(name), str)]
        return max((text for text in said if len(text) >= SAME_TEXT), key=len, default="")

    remarks = [remark(row) for row in rows]
    counted = Counter(text for text in remarks if text)
    return [
        row if isinstance(row, RefusedRow) or not text else replace(row, same_texts=counted[text])
        for row, text in zip(rows, remarks, strict=True)
    ]
