"""One month of responses with their facts opened: a table in memory that every figure is a pure function of."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from services.reporting import facts
from services.reporting.facts import DIMENSIONS
from services.reporting.parts import IN_DESIGN, VALID

Open = Callable[[str, str, str], str | None]
"""(customer, field, sealed) → the value as JSON, or None when its key is gone."""

SCHEMA: dict[str, Any] = {
    "response_id": pl.String,
    "completion_ref": pl.String,
    "customer_ref": pl.String,
    "callback_id": pl.String,
    "completed_at": pl.Datetime("us", "UTC"),
    "purpose": pl.String,
    "about_response_id": pl.String,
    "status": pl.String,
    "final": pl.Boolean,
    "round": pl.Int32,
    "voided": pl.Boolean,
    "erased": pl.Boolean,
    "in_design": pl.Boolean,
    "verdict": pl.String,
    "stratum": pl.String,
    "rate_version": pl.Int32,
    "cell": pl.String,
    "source": pl.String,
    "service_id": pl.String,
    "scenario": pl.String,
    "service_type": pl.String,
    "team": pl.String,
    "product": pl.String,
    "region": pl.String,
    "level": pl.String,
    "purchases": pl.Int32,
    "channel": pl.String,
    "channel_reason": pl.String,
    "agent": pl.String,
    "ended_at": pl.Datetime("us", "UTC"),
    "flags": pl.List(pl.String),
    "answered": pl.Int32,
    **dict.fromkeys(DIMENSIONS, pl.Int8),
    "nps": pl.Int8,
    "solved": pl.String,
    "unexplained": pl.Boolean,
    "problem": pl.Boolean,
    "problems": pl.List(pl.String),
}


AT_ONCE = 2_000
DECODED = (
    "service_type", "team", "product", "region", "level", "purchases", "answered", *DIMENSIONS, "nps", "solved",
    "unexplained", "problem", "problems",
)  # fmt: skip
"""Columns that lie sealed in the database."""
_TOLD = ("response_id", *(name for name in SCHEMA if name not in DECODED and name != "response_id"))
_SEALS = {"response_id": pl.String, "seal": pl.Int64}
_FACTS = {**_SEALS, **{name: SCHEMA[name] for name in DECODED}}


def opened_facts(rows: Sequence[Mapping[str, Any]], open_fact: Open, held: pl.DataFrame | None = None) -> pl.DataFrame:
    """`response_id`, `seal` and the columns of `DECODED` for rows of `store.month.responses`.

    What `held` (an earlier result) has opened of the same sealed strings is taken from there.
    """
    held = pl.DataFrame(schema=_FACTS) if held is None else held
    kept = held.join(_seals(rows), on=["response_id", "seal"], how="semi")
    known = set(kept["response_id"])
    fresh = [row for row in rows if row["response_id"] not in known]
    # read at once, the parsed answers of a large month would take hundreds of megabytes
    parts = [_opened(fresh[first : first + AT_ONCE], open_fact) for first in range(0, len(fresh), AT_ONCE)]
    return pl.concat([kept, *parts], rechunk=True)


def month_frame(rows: Sequence[Mapping[str, Any]], opened: pl.DataFrame) -> pl.DataFrame:
    """Rows of `store.month.responses` with their opened facts, plus the column `counted`.

    Counted are survey responses in the design of a selected completion, not voided, with at least one answer; of
    several for one completion the first round, so that no completion speaks twice.
    """
    told = pl.DataFrame(
        {name: [row[name] for row in rows] for name in _TOLD}, schema={name: SCHEMA[name] for name in _TOLD}
    )
    return with_counted(told.join(opened.drop("seal"), on="response_id", how="left").select(list(SCHEMA)))


def with_counted(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with the column `counted`, in the order of the responses."""
    ordered = frame.with_columns(candidate=VALID & IN_DESIGN).sort("completion_ref", "round", "ended_at", "response_id")
    first = pl.col("candidate") & (pl.col("candidate").cum_sum().over("completion_ref") == 1)
    return ordered.with_columns(counted=first).sort("response_id")


def _opened(rows: Sequence[Mapping[str, Any]], open_fact: Open) -> pl.DataFrame:
    def opened(field: str) -> pl.Series:
        sealed = f"{field}_sealed"
        told = [row[sealed] and open_fact(row["customer_ref"], field, row[sealed]) for row in rows]
        return pl.Series(told, dtype=pl.String)

    parts = (
        _seals(rows),
        facts.contexts(opened("context")),
        facts.sheets(opened("answers")),
        facts.tags(opened("tags")),
    )
    return pl.concat(parts, how="horizontal").select(list(_FACTS)).cast(pl.Schema(_FACTS))


def _seals(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        {"response_id": [row["response_id"] for row in rows], "seal": [_seal(row) for row in rows]}, schema=_SEALS
    )


def _seal(row: Mapping[str, Any]) -> int:
    """Of equal sealed strings the same, in this process."""
    return hash((row["context_sealed"], row["answers_sealed"], row["tags_sealed"]))
