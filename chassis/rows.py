"""Rows as dataclasses: one statement for any number of them, columns named by the fields."""

import types
from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import asyncpg
from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json

Row = TypeVar("Row")


def columns(row_type: type) -> str:
    return ", ".join(field.name for field in fields(row_type))


def insert(row_type: type, table: str) -> str:
    """`INSERT ... SELECT` of rows given as one jsonb array in $1; a conflict clause may follow."""
    names = columns(row_type)
    return (
        f"INSERT INTO {table} ({names}) SELECT {names} "  # noqa: S608  names of our own fields
        f"FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb) "
    )


def replacing(row_type: type, key: str) -> str:
    """Conflict clause: all columns but the key take the new row's values."""
    changed = [field.name for field in fields(row_type) if field.name != key]
    return f"ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in changed)


def as_json(rows: Iterable[Any]) -> bytes:
    """One array for a parameter of type jsonb. Fields of models that are None are left out."""
    return to_json(list(rows), exclude_none=True)


def loaded(row_type: type[Row], records: Sequence[asyncpg.Record]) -> list[Row]:
    """Records with the columns of `columns(row_type)` as such rows, enumerations and tuples restored."""
    key: Any = row_type  # mypy holds a generic type for unhashable
    adapters = _adapters(key)
    return [
        row_type(**{n: adapters[n].validate_python(v) if n in adapters else v for n, v in record.items()})
        for record in records
    ]


@cache
def _adapters(row_type: type) -> dict[str, TypeAdapter[Any]]:
    return {name: TypeAdapter(hint) for name, hint in get_type_hints(row_type).items() if _is_special(hint)}


def _is_special(hint: Any) -> bool:
    if get_origin(hint) in (Union, types.UnionType):
        return any(_is_special(part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return True
    return isinstance(hint, type) and issubclass(hint, Enum | BaseModel)
