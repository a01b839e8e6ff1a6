"""The figures of a report: which answers each reads, and its estimate over one month's frame, pure."""

import math
from collections.abc import Mapping
from enum import StrEnum

import polars as pl

from contracts.vocabulary import Cell
from services.reporting.estimators import Estimate, Group, mean, proportion
from services.reporting.weights import CellKey, Weighting


class FigureKind(StrEnum):
    MEAN = "mean"
    SHARE = "share"
    NPS = "nps"


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
"""Key of each figure, in the order of the report."""
HEADLINES = ("overall", "nps", "solved", "problem")
DIMENSION_FIGURES = ("response_speed", "competence", "attitude", "clarity", "callback")


def value_of(key: str) -> pl.Expr:
    """The number that a response adds to the figure; null when it does not answer it.

    NPS: 9–10 are +100, 7–8 are 0, 0–6 are −100. Resolved: yes 1, no and unsure 0 (yes ÷ (yes + no + unsure)).
    """
    if key == "nps":
        nps = pl.col("nps")
        points = pl.when(nps >= 9).then(100.0).when(nps >= 7).then(0.0).when(nps >= 0).then(-100.0)
        return points.alias("value")
    if key == "solved":
        return (pl.col("solved") == "yes").cast(pl.Float64).alias("value")
    return pl.col(key).cast(pl.Float64).alias("value")


def estimate(key: str, counted: pl.DataFrame, weighting: Weighting) -> Estimate | None:
    """The weighted estimate over the counted responses that have a weight; None when nobody answered."""
    groups = _groups(key, counted, weighting)
    rule = proportion if KINDS[key] is FigureKind.SHARE else mean
    return rule(groups, weighting.population)


def raw_mean(key: str, counted: pl.DataFrame) -> float | None:
    """The plain mean of all answers: what a report without weights would print. From counts, so it has no order."""
    tally = counted.select(value_of(key)).drop_nulls().group_by("value").len().sort("value")
    number = int(tally["len"].sum())
    if not number:
        return None
    return math.fsum(value * times for value, times in tally.iter_rows()) / number


def _groups(key: str, counted: pl.DataFrame, weighting: Weighting) -> list[Group]:
    tally = (
        counted.with_columns(value_of(key))
        .group_by("stratum", "rate_version", "cell", "value")
        .len()
        .sort("stratum", "rate_version", "cell", "value")
    )
    groups = []
    for stratum, version, cell, value, number in tally.iter_rows():
        place = CellKey(stratum, version, Cell(cell))
        if place in weighting.weight:
            groups.append(Group(weighting.layer[place], weighting.weight[place], value, number))
    return groups
