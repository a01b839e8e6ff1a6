"""Parts of the answers that have a name: what figures are made of, and what a filter lets through, pure."""

from collections.abc import Mapping

import polars as pl

from contracts.vocabulary import Channel, ChannelReason, Purpose, Verdict
from services.reporting.figure import Filters

PHONE, ONLINE = "phone", "online"
RANDOM = pl.col("channel_reason") == ChannelReason.RANDOM.value
MODES: Mapping[str, pl.Expr] = {
    PHONE: RANDOM & (pl.col("channel") == Channel.PHONE.value),
    ONLINE: RANDOM & pl.col("channel").is_in([Channel.SMS.value, Channel.EMAIL.value]),
}
"""Only those whose channel was assigned at random may be compared: others chose it, and differ for that reason."""
PURCHASES: Mapping[str, pl.Expr] = {
    "0": pl.col("purchases") == 0,
    "1": pl.col("purchases") == 1,
    "2-4": pl.col("purchases").is_between(2, 4),
    "5+": pl.col("purchases") >= 5,
}
SURVEY = pl.col("purpose") == Purpose.SURVEY.value
IN_DESIGN = pl.col("in_design") & (pl.col("verdict") == Verdict.SELECTED.value)
SPOKE = pl.col("answered") > 0
VALID = SURVEY & ~pl.col("voided") & SPOKE
EMPTY = SURVEY & ~pl.col("voided") & (pl.col("answered") == 0)
PARTICIPANTS = SURVEY & IN_DESIGN & SPOKE
OUTSIDE_DESIGN = VALID & ~IN_DESIGN
SECOND = (pl.col("purpose") == Purpose.PROGRESS.value) & ~pl.col("voided")
_SCORED = ~pl.col("voided") & pl.col("overall").is_not_null()
_AFTER = SECOND & _SCORED & pl.col("about_response_id").is_not_null()
_LATEST = pl.when(_AFTER).then("response_id").sort_by("round", "ended_at", "response_id").drop_nulls().last()
PAIRED = (
    _AFTER
    & (pl.col("response_id") == _LATEST.over("about_response_id"))
    & pl.col("about_response_id").is_in(pl.col("response_id").filter(SURVEY & _SCORED).implode())
)
"""The second answer of a pair: the latest after a first one, both with an overall score. Over a whole frame."""
FLAGGED = pl.col("flags").list.len() > 0
QUALITY: Mapping[str, pl.Expr] = {"flagged": FLAGGED, "unflagged": ~FLAGGED}

_NAMED: Mapping[str, Mapping[str, pl.Expr]] = {"mode": MODES, "purchases": PURCHASES, "quality": QUALITY}


def matching(filters: Filters) -> pl.Expr:
    """The answers that all filters let through; a value that names no part lets nothing through."""
    found = pl.lit(True)
    for name, value in filters.query().items():
        found = found & _wanted(name, value)
    return found


def _wanted(name: str, value: str) -> pl.Expr:
    if name in _NAMED:
        return _NAMED[name].get(value, pl.lit(False))
    return pl.col("problems").list.contains(value) if name == "problem" else pl.col(name) == value
