"""Answers of the database as tables in memory, by COPY: a month has too many values for an object for each."""

import asyncio
import io
from collections.abc import Mapping
from typing import Any

import asyncpg
import polars as pl

_AT = pl.Datetime("us", "UTC")


async def table(
    connection: asyncpg.Connection, query: str, *arguments: object, schema: Mapping[str, Any]
) -> pl.DataFrame:
    """What `query` finds, in its order; its columns are named as in `schema`. Lists come as words between blanks.

    It is read beside the event loop: others are served meanwhile.
    """
    told = ", ".join(_told(name, kind) for name, kind in schema.items())
    stored = io.BytesIO()

    async def take(piece: bytes) -> None:
        stored.write(piece)

    await connection.copy_from_query(
        f"SELECT {told} FROM ({query}) AS found",  # noqa: S608  our own names
        *arguments,
        output=take,
        format="csv",
    )
    return await asyncio.to_thread(_read, stored, schema)


def _told(name: str, kind: Any) -> str:
    if kind == pl.Boolean:
        return f'"{name}"::integer'
    if kind == _AT:
        return f'(extract(epoch FROM "{name}") * 1000000)::bigint'
    return f"""array_to_string("{name}", ' ')""" if kind == pl.List(pl.String) else f'"{name}"'


def _read(stored: io.BytesIO, schema: Mapping[str, Any]) -> pl.DataFrame:
    stored.seek(0)
    wire = {name: _wire(kind) for name, kind in schema.items()}
    found = pl.read_csv(stored, has_header=False, schema=wire, raise_if_empty=False)
    return found.with_columns(_typed(name, kind) for name, kind in schema.items() if kind != wire[name])


def _wire(kind: Any) -> Any:
    if kind == pl.Boolean or kind == _AT:
        return pl.Int64
    return pl.String if kind == pl.List(pl.String) else kind


def _typed(name: str, kind: Any) -> pl.Expr:
    if kind == pl.List(pl.String):
        return pl.col(name).str.extract_all(r"[^ ]+")
    return pl.col(name).cast(kind)
