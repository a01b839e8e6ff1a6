"""The figures of a report: which answers each reads, and what one answer adds, pure."""

import math
from collections.abc import Mapping
from enum import StrEnum

import polars as pl


class FigureKind(StrEnum):
    MEAN = "mean"
    SHARE = "share"
    NPS = "nps"
    DIFFERENCE = "difference"
    """Between two means of a scale."""
    WEIGHT = "weight"
    """Points of the overall score that go with one point of a dimension."""


KINDS: Mapping[str, FigureKind] = {
    "overall": FigureKind.MEAN,
    "nps": FigureKind.NPS,
    "solved": FigureKind.SHARE,
    "problem": FigureKind.SHARE,
    "response_speed": FigureKind.MEAN,
    "competence": FigureKind.MEAN,
    "attitude": FigureKind.MEAN,
    "clarity": FigureKind.MEAN,
    "callback": FigureKind.MEAN,
}
"""Key and kind of each figure that answers add up to."""
REPORTED = tuple(KINDS)
"""In the order of the report."""
BANDS: Mapping[str, pl.Expr] = {
    "low": pl.col("overall") <= 2,
    "middle": pl.col("overall").is_between(3, 4),
    "high": pl.col("overall") == 5,
}
"""Bands of the overall score (TG1): 1–2, 3–4, 5."""
NPS_GROUPS: Mapping[str, pl.Expr] = {
    "promoters": pl.col("nps") >= 9,
    "passives": pl.col("nps").is_between(7, 8),
    "detractors": pl.col("nps") <= 6,
}
HEADLINES = ("overall", "nps", "solved", "problem")
DIMENSION_FIGURES = ("response_speed", "competence", "attitude", "clarity", "callback")


def value_of(key: str) -> pl.Expr:
    """The number that a response adds to the figure; null when it does not answer it.

    NPS: 9–10 are +100, 7–8 are 0, 0–6 are −100. Resolved: yes 1, no and unsure 0 (yes ÷ (yes + no + unsure)).
    """
    if key == "nps":
        points = {"promoters": 100.0, "passives": 0.0, "detractors": -100.0}
        return pl.coalesce([pl.when(NPS_GROUPS[name]).then(each) for name, each in points.items()]).alias("value")
    if key == "solved":
        return (pl.col("solved") == "yes").cast(pl.Float64).alias("value")
    return pl.col(key).cast(pl.Float64).alias("value")


def raw_mean(key: str, counted: pl.DataFrame, within: pl.Expr | None = None) -> float | None:
    """The plain mean of all answers `within`: what a report without weights would print. From counts, so it has no
    order."""
    value = value_of(key) if within is None else pl.when(within).then(value_of(key))
    tally = counted.select(value=value).drop_nulls().group_by("value").len().sort("value")
    number = int(tally["len"].sum())
    if not number:
        return None
    return math.fsum(value * times for value, times in tally.iter_rows()) / number
