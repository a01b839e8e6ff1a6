"""Responses as CSV, piece by piece: no text and no person in them, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

import polars as pl

from chassis.spreadsheets import harmless

AT_ONCE = 1_000
COLUMNS = (
    "response_id", "source", "service_id", "scenario", "service_type", "stratum", "team", "product", "region", "level",
    "channel", "channel_reason", "agent", "ended_at", "status", "overall", "response_speed", "competence", "attitude",
    "clarity", "callback", "nps", "solved", "problems", "flags", "voided",
)  # fmt: skip


def csv_lines(rows: pl.DataFrame) -> Iterator[bytes]:
    """The heading, then `AT_ONCE` rows a piece, so that memory does not grow with the export."""
    yield b"\xef\xbb\xbf" + _lines([COLUMNS])
    for part in rows.select(COLUMNS).iter_slices(AT_ONCE):
        yield _lines([_cell(value) for value in row] for row in part.iter_rows())


def _cell(value: object) -> object:
    if isinstance(value, list):
        return harmless(" ".join(value))
    return value.isoformat() if isinstance(value, datetime) else harmless(value)


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    stored = io.StringIO()
    csv.writer(stored).writerows(rows)
    return stored.getvalue().encode()
