"""Parts of the calls that have a name: columns of `span.CALLS`, pure."""

from collections.abc import Mapping

import polars as pl

from contracts.vocabulary import Channel, Disposition

PROMPT_SECONDS = 600  # a record is complete within 10 minutes of hang-up: requirement SV3
BY_PHONE = pl.col("channel") == Channel.PHONE.value
CONNECTED = BY_PHONE & pl.col("connected_at").is_not_null()
COMPLETED = CONNECTED & (pl.col("disposition") == Disposition.COMPLETE.value)
TALKED = (pl.col("ended_at") - pl.col("connected_at")).dt.total_microseconds()
_RECORDED = CONNECTED & pl.col("recorded_at").is_not_null()
_WITH_TUNE = pl.col("tune").is_not_null() & pl.col("response_id").is_not_null()
DRAWN = pl.col("tune_pilot").is_not_null()
_TOOK = (pl.col("recorded_at") - pl.col("ended_at")).dt.total_seconds()

SELECTIONS: Mapping[str, pl.Expr] = {
    "by_agents": BY_PHONE & pl.col("agent").is_not_null(),
    "reached": CONNECTED & pl.col("agent").is_not_null(),
    "connected": CONNECTED,
    "completed": COMPLETED,
    "finished": CONNECTED & ~pl.col("wrapup_missing"),
    "recorded": _RECORDED,
    "prompt": _RECORDED & (_TOOK <= PROMPT_SECONDS),
    "tunes": _WITH_TUNE,
    "drawn_tunes": _WITH_TUNE & DRAWN,
}
"""What can be listed: every count of calls in a report."""
