"""Rows as parallel arrays: what `unnest` wants."""

from collections.abc import Sequence
from typing import Any


def columns(rows: Sequence[object], *names: str) -> list[list[Any]]:
    """One list for each name, in the order of `rows`."""
    return [[getattr(row, name) for row in rows] for name in names]
