"""The figures over time, with control limits and with every period brought to one mix of channels, pure.

Source: Wheeler and Chambers, Understanding Statistical Process Control (2nd ed., 1992), chapter 3: individuals and
moving ranges, centre ± 2.66 · mean moving range. The standardised figure is `domains.standardised`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import polars as pl

from services.reporting.figures import HEADLINES, value_of
from services.reporting.making import Figures
from services.reporting.sections import Trend, TrendPoint

FEWEST = 4  # earlier periods before limits say anything
SHOWN = 12
_WIDTH = 2.66  # 3 / d2 with d2 = 1.128 for ranges of two


def trends(make: Figures, period: str, earlier: Sequence[Mapping[str, TrendPoint]]) -> tuple[Trend, ...]:
    """Limits come from the earlier periods alone: the point that is judged does not widen them."""
    return tuple(_trend(key, _now(make, key, period), earlier) for key in HEADLINES)


def _trend(key: str, now: TrendPoint, earlier: Sequence[Mapping[str, TrendPoint]]) -> Trend:
    before = [one[key] for one in earlier if key in one][-(SHOWN - 1) :]
    known = [p.estimate for p in before if p.estimate is not None]
    limits = control_limits(known)
    if limits is None:
        points = tuple(p.model_copy(update={"outside": False}) for p in (*before, now))
        return Trend(key=key, points=points, centre=None, lower=None, upper=None)
    lower, centre, upper = limits
    points = tuple(
        p.model_copy(update={"outside": p.estimate is not None and not lower <= p.estimate <= upper})
        for p in (*before, now)
    )
    return Trend(key=key, points=points, centre=centre, lower=lower, upper=upper)


def control_limits(values: Sequence[float]) -> tuple[float, float, float] | None:
    """Lower limit, centre, upper limit of individual values in their order; None below `FEWEST` of them."""
    if len(values) < FEWEST:
        return None
    centre = sum(values) / len(values)
    moving = sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)
    return centre - _WIDTH * moving, centre, centre + _WIDTH * moving


def _now(make: Figures, key: str, period: str) -> TrendPoint:
    figure = make.figure(key)
    domain = pl.when(pl.col("inside")).then(pl.col("channel"))
    even = make.sample.standardised(value_of(key), domain, make.limits.mix(make.day))
    return TrendPoint(
        period=period,
        estimate=figure.estimate,
        low=figure.low,
        high=figure.high,
        n=figure.n,
        standardised=even.value if even and even.n >= make.limits.minimum_n else None,
        outside=False,
    )
