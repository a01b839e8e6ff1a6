"""What the report says first: satisfaction, recommendation, strengths and shortcomings, pure."""

from collections.abc import Sequence

import polars as pl

from services.reporting.estimators import Estimate
from services.reporting.figure import Drill, Figure, Filters
from services.reporting.figures import NPS_GROUPS, FigureKind
from services.reporting.making import Figures
from services.reporting.regression import slopes
from services.reporting.sections import Conclusions, DimensionRow, NamedFigure, NpsSection, Standing

EXPLAINING = ("response_speed", "competence", "attitude", "clarity")
"""The dimensions of the service; the rating of the callback itself explains nothing of it."""


def dimensions(make: Figures) -> tuple[DimensionRow, ...]:
    levels = {key: make.figure(key) for key in EXPLAINING}
    found = slopes(make.sample.observations("overall", EXPLAINING), make.sample.population)
    weights: Sequence[Estimate | None] = found or [None] * len(EXPLAINING)
    return tuple(
        DimensionRow(
            key=key,
            level=levels[key],
            weight=make.told(FigureKind.WEIGHT, weight, Drill(selection=key)),
            standing=_standing(key, levels),
        )
        for key, weight in zip(EXPLAINING, weights, strict=True)
    )


def conclusions(make: Figures, rows: tuple[DimensionRow, ...]) -> Conclusions:
    def level(row: DimensionRow) -> float:
        return row.level.estimate or 0.0

    strong = [row for row in rows if row.standing is Standing.STRENGTH]
    weak = [row for row in rows if row.standing is Standing.SHORTCOMING]
    return Conclusions(
        satisfaction=make.figure("overall"),
        nps=make.figure("nps"),
        strengths=tuple(sorted(strong, key=lambda row: (-level(row), row.key))),
        shortcomings=tuple(sorted(weak, key=lambda row: (level(row), row.key))),
    )


def nps(make: Figures, scenarios: list[str]) -> NpsSection:
    answered = pl.col("nps").is_not_null()
    shares = [
        NamedFigure(key=name, figure=make.share(group, answered, Drill(selection=name)))
        for name, group in NPS_GROUPS.items()
    ]
    by_scenario = [
        NamedFigure(key=name, figure=make.figure("nps", pl.col("scenario") == name, Filters(scenario=name)))
        for name in scenarios
    ]
    return NpsSection(nps=make.figure("nps"), shares=tuple(shares), by_scenario=tuple(by_scenario))


def _standing(key: str, levels: dict[str, Figure]) -> Standing:
    """Apart from the mean of the other dimensions by the whole interval, or not at all."""
    others = [f.estimate for name, f in levels.items() if name != key and f.enough and f.estimate is not None]
    low, high = levels[key].low, levels[key].high
    if low is None or high is None or not others:
        return Standing.BETWEEN
    usual = sum(others) / len(others)
    if low > usual:
        return Standing.STRENGTH
    return Standing.SHORTCOMING if high < usual else Standing.BETWEEN
