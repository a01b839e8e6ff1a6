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
VERSIONS: dict[str, Any] = {
    **dict.fromkeys(("revision", "tags_revision", "tagging_revision"), pl.Int64),
    "accepted_at": pl.Datetime("us", "UTC"),
}
"""Of response, tags and context: while they stay what they are, the sealed strings do."""
TOLD = {name: kind for name, kind in SCHEMA.items() if name not in DECODED} | VERSIONS
"""What the database tells of a response in the open."""
_OPENED = {"response_id": pl.String, **VERSIONS, **{name: SCHEMA[name] for name in DECODED}}


def still_known(told: pl.DataFrame, held: pl.DataFrame | None) -> pl.DataFrame:
    """Of the `held` facts (an earlier result of `opened_facts`) those that hold for the rows `told`."""
    held = pl.DataFrame(schema=_OPENED) if held is None else held
    return held.join(told, on=["response_id", *VERSIONS], how="semi")


def opened_facts(
    told: pl.DataFrame, sealed: list[Mapping[str, Any]], open_fact: Open, known: pl.DataFrame
) -> pl.DataFrame:
    """`response_id`, `VERSIONS` and the columns of `DECODED` of every row `told`.

    `sealed`: rows of `store.month.sealed` for all that are not `known` yet; the list is empty afterwards.
    """
    parts = []
    while sealed:
        # read at once, the parsed answers of a large month would take hundreds of megabytes
        parts.append(_opened(sealed[-AT_ONCE:], open_fact))
        del sealed[-AT_ONCE:]
    if not parts:
        return known
    fresh = pl.concat(parts).join(told.select("response_id", *VERSIONS), on="response_id", how="left")
    return pl.concat([known, fresh.select(list(_OPENED))], rechunk=True)


def month_frame(told: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Rows of `store.month.responses` with their opened facts, plus the column `counted`.

    Counted are survey responses in the design of a selected completion, not voided, with at least one answer; of
    several for one completion the first round, so that no completion speaks twice.
    """
    return with_counted(told.join(facts.drop(*VERSIONS), on="response_id", how="left").select(list(SCHEMA)))


def with_counted(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with the column `counted`, in the order of the responses."""
    ordered = frame.with_columns(candidate=VALID & IN_DESIGN).sort("completion_ref", "round", "ended_at", "response_id")
    first = pl.col("candidate") & (pl.col("candidate").cum_sum().over("completion_ref") == 1)
    return ordered.with_columns(counted=first).sort("response_id")


def _opened(rows: Sequence[Mapping[str, Any]], open_fact: Open) -> pl.DataFrame:
    def opened(field: str) -> pl.Series:
        name = f"{field}_sealed"
        told = [row[name] and open_fact(row["customer_ref"], field, row[name]) for row in rows]
        return pl.Series(told, dtype=pl.String)

    parts = (
        pl.DataFrame({"response_id": [row["response_id"] for row in rows]}, schema={"response_id": pl.String}),
        facts.contexts(opened("context")),
        facts.sheets(opened("answers")),
        facts.tags(opened("tags")),
    )
    names = ["response_id", *DECODED]
    return pl.concat(parts, how="horizontal").select(names).cast({name: SCHEMA[name] for name in names})
