"""Which responses a number counts: the list behind every n, pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from services.reporting.figure import Filters
from services.reporting.figures import BANDS, KINDS, NPS_GROUPS, value_of
from services.reporting.parts import (
    EMPTY,
    FLAGGED,
    IN_DESIGN,
    MODES,
    ONLINE,
    OUTSIDE_DESIGN,
    PAIRED,
    PARTICIPANTS,
    PHONE,
    SURVEY,
    VALID,
    matching,
)

SELECTIONS: Mapping[str, pl.Expr] = {
    "valid": pl.col("counted"),
    "participants": PARTICIPANTS,
    "flagged": pl.col("counted") & FLAGGED,
    "outside_design": OUTSIDE_DESIGN,
    "voided": SURVEY & pl.col("voided"),
    "repeated": VALID & IN_DESIGN & ~pl.col("counted"),
    "empty": EMPTY,
    "pairs": PAIRED,
    **{name: pl.col("counted") & group for name, group in NPS_GROUPS.items()},
    "randomised": pl.col("counted") & (MODES[PHONE] | MODES[ONLINE]),
    **{f"band_{name}": pl.col("counted") & band for name, band in BANDS.items()},
    **{key: pl.col("counted") & value_of(key).is_not_null() for key in KINDS},
}
"""What can be listed: every figure, and every count beside the figures."""


NO_FILTERS = Filters()


@dataclass(frozen=True)
class Listed:
    """One response as it may be shown: no name, no contact, no text."""

    response_id: str
    source: str
    service_id: str
    scenario: str | None
    service_type: str | None
    channel: str
    stratum: str
    ended_at: datetime
    status: str
    overall: int | None
    score: int | None
    """The answer to the figure's own question, where that is a rating."""
    nps: int | None
    solved: str | None
    problems: tuple[str, ...]
    tagged: bool
    flags: tuple[str, ...]
    voided: bool
    erased: bool


@dataclass(frozen=True)
class Page:
    rows: tuple[Listed, ...]
    total: int


def responses_of(
    frame: pl.DataFrame,
    figure: str,
    stratum: str | None,
    *,
    offset: int,
    limit: int,
    filters: Filters = NO_FILTERS,
) -> Page:
    """The responses that `figure` (a key of `SELECTIONS`) counts, newest first."""
    rows = chosen(frame, figure, filters)
    if stratum is not None:
        rows = rows.filter(pl.col("stratum") == stratum)
    part = rows.slice(offset, limit)
    return Page(tuple(_listed(row, figure) for row in part.iter_rows(named=True)), rows.height)


def chosen(frame: pl.DataFrame, figure: str, filters: Filters = NO_FILTERS) -> pl.DataFrame:
    """The rows that `figure` counts, newest first."""
    rows = frame.filter(SELECTIONS[figure] & matching(filters))
    return rows.sort("ended_at", "response_id", descending=[True, False])


def _listed(row: Mapping[str, Any], figure: str) -> Listed:
    return Listed(
        response_id=row["response_id"],
        source=row["source"],
        service_id=row["service_id"],
        scenario=row["scenario"],
        service_type=row["service_type"],
        channel=row["channel"],
        stratum=row["stratum"],
        ended_at=row["ended_at"],
        status=row["status"],
        overall=row["overall"],
        score=row[figure] if figure in _RATINGS else row["overall"],
        nps=row["nps"],
        solved=row["solved"],
        problems=tuple(row["problems"]),
        tagged=row["problem"] is not None,
        flags=tuple(row["flags"]),
        voided=row["voided"],
        erased=row["erased"],
    )


_RATINGS = frozenset({"overall", "response_speed", "competence", "attitude", "clarity", "callback"})
