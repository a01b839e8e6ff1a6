"""Who answers how: scores by purchases and channel, and the customers who are always content, pure."""

from dataclasses import dataclass

import polars as pl

from services.reporting.figure import Drill, Filters
from services.reporting.making import Figures
from services.reporting.parts import PURCHASES
from services.reporting.sections import ProfileRow, Profiles

OFTEN = 2  # answers before somebody is a frequent high scorer
BEST = 5


@dataclass(frozen=True)
class HighScorer:
    """One customer of the list for offers; who it is is said by the vault, to those who may know."""

    customer_ref: str
    answers: int
    purchases: int


def profiles(make: Figures) -> Profiles:
    inside = make.sample.inside
    channels = inside["channel"].unique().sort().to_list()
    rows = []
    for name, bought in PURCHASES.items():
        for channel in channels:
            within = bought & (pl.col("channel") == channel)
            figure = make.figure("overall", within, Filters(purchases=name, channel=channel))
            if figure.n:
                rows.append(ProfileRow(purchases=name, channel=channel, overall=figure))
    drill = Drill(selection="high_scorers")
    return Profiles(rows=tuple(rows), high_scorers=len(high_scorers(inside)), drill=drill)


def high_scorers(counted: pl.DataFrame) -> list[HighScorer]:
    """Customers with at least `OFTEN` counted overall scores of 5 and none below, by number of answers; not erased."""
    found = (
        counted.filter(pl.col("overall").is_not_null() & ~pl.col("erased"))
        .group_by("customer_ref")
        .agg(answers=pl.len(), least=pl.col("overall").min(), purchases=pl.col("purchases").max())
        .filter((pl.col("answers") >= OFTEN) & (pl.col("least") == BEST))
        .sort(["answers", "customer_ref"], descending=[True, False])
    )
    return [HighScorer(row["customer_ref"], row["answers"], row["purchases"]) for row in found.iter_rows(named=True)]
