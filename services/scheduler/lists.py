"""Lists of customers for a scenario (beta, usage): a CSV or Excel table, read row by row; each row has its verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from chassis.spreadsheets import TableRefused, instant_in, read_table, text_of
from contracts.events.intake import ServiceCompleted

MOST_ROWS = 10_000
_COLUMNS = {
    "customer_id": ("customer_id", "客户编号"),
    "name": ("name", "姓名"),
    "phone": ("phone", "电话", "手机"),
    "email": ("email", "邮箱"),
    "level": ("level", "等级"),
    "timezone": ("timezone", "时区"),
    "service_type": ("service_type", "类型"),
    "product": ("product", "产品"),
    "since": ("since", "日期"),
}
_OF_CUSTOMER = ("customer_id", "name", "phone", "email", "level", "timezone")


class ListRefused(Exception):
    """The whole file cannot be read as a list; says why."""


@dataclass(frozen=True)
class ListFor:
    """What the whole list is for. `now` counts as completed where a row names no day; `zone` is the operator's."""

    scenario: str
    source: str
    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class ListRow:
    """`number` counts as the table shows it, the heading is 1. Exactly one of document and fault is set."""

    number: int
    document: ServiceCompleted | None = None
    fault: str | None = None


def rows_of(content: bytes, purpose: ListFor) -> list[ListRow]:
    """Every row with something in it.

    Raises `ListRefused` for what is no table, has no customer_id column or more than 10,000 rows.
    """
    try:
        table = read_table(content)
    except TableRefused as refused:
        raise ListRefused(str(refused)) from None
    columns = _columns(table[0])
    if len(table) - 1 > MOST_ROWS:
        raise ListRefused(f"the table has {len(table) - 1} rows, at most {MOST_ROWS} are taken at once")
    return list(_rows(table[1:], columns, purpose))


def _rows(table: Sequence[Sequence[Any]], columns: Mapping[str, int], purpose: ListFor) -> Iterator[ListRow]:
    seen: dict[str, int] = {}
    for number, cells in enumerate(table, start=2):
        values = {name: text_of(cells[at]) for name, at in columns.items() if at < len(cells)}
        if not any(values.values()):
            continue
        customer_id = values.get("customer_id")
        if not customer_id:
            yield ListRow(number, fault="customer_id: is missing")
        elif customer_id in seen:
            yield ListRow(number, fault=f"customer_id: stands in row {seen[customer_id]} already")
        else:
            seen[customer_id] = number
            since = cells[columns["since"]] if "since" in columns and columns["since"] < len(cells) else None
            yield _row(number, values, since, purpose)


def _row(number: int, values: Mapping[str, str | None], since: Any, purpose: ListFor) -> ListRow:
    try:
        completed_at = instant_in(since, purpose.zone) or purpose.now
        day = completed_at.astimezone(purpose.zone).date().isoformat()
        document = ServiceCompleted.model_validate(
            {
                "source": purpose.source,
                "service_id": f"{purpose.scenario}:{values['customer_id']}:{day}",
                "scenario": purpose.scenario,
                "completed_at": completed_at,
                "service_type": values.get("service_type"),
                "product": values.get("product"),
                "customer": {name: values.get(name) for name in _OF_CUSTOMER},
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        return ListRow(number, fault=f"{'.'.join(str(step) for step in first['loc'])}: {first['type']}")
    except ValueError:
        return ListRow(number, fault="since: is no date such as 2026-10-14")
    return ListRow(number, document=document)


def _columns(heading: Sequence[Any]) -> dict[str, int]:
    names = [(text_of(cell) or "").strip().casefold() for cell in heading]
    found = {column: names.index(name) for column, spellings in _COLUMNS.items() for name in spellings if name in names}
    if "customer_id" not in found:
        raise ListRefused("the first row names no column customer_id (客户编号)")
    return found
