"""Estimates made into figures: the minimum n, the target and what a click opens, the same for every number."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from services.reporting import figures
from services.reporting.estimators import Estimate
from services.reporting.figure import Drill, Figure, Filters, Refusal
from services.reporting.figures import FigureKind
from services.reporting.limits import Limits, verdict
from services.reporting.sample import EVERYTHING, Sample

NO_FILTERS = Filters()


@dataclass(frozen=True)
class Figures:
    """`day`: the first of the period; targets are those that held then."""

    sample: Sample
    limits: Limits
    day: date

    def figure(self, key: str, within: pl.Expr = EVERYTHING, filters: Filters = NO_FILTERS) -> Figure:
        """One of `figures.KINDS`, of the answers `within`; `filters` say the same to a reader."""
        raw = figures.raw_mean(key, self.sample.inside, within)
        return self.told(
            figures.KINDS[key], self.sample.figure(key, within), Drill(selection=key, filters=filters), key, raw
        )

    def share(self, group: pl.Expr, among: pl.Expr, drill: Drill, key: str = "") -> Figure:
        """How many of the answers `among` belong to the `group`."""
        estimate = self.sample.estimate(FigureKind.SHARE, group.cast(pl.Float64), among)
        return self.told(FigureKind.SHARE, estimate, drill, key)

    def told(
        self, kind: FigureKind, estimate: Estimate | None, drill: Drill, key: str = "", raw: float | None = None
    ) -> Figure:
        """`key` names the target that the figure is held against."""
        target = self.limits.target(key, self.day)
        refused = refusal(estimate, self.limits.minimum_n)
        low, high = (estimate.low, estimate.high) if estimate and not refused else (None, None)
        return Figure(
            kind=kind,
            estimate=estimate.value if estimate else None,
            low=low,
            high=high,
            n=estimate.n if estimate else 0,
            effective_n=estimate.effective_n if estimate else None,
            deff=estimate.deff if estimate else None,
            se=estimate.se if estimate and not refused else None,
            enough=refused is None,
            refused=refused,
            raw=raw,
            target=target.value if target else None,
            good=target.good if target else None,
            verdict=verdict(low, high, target),
            drill=drill,
        )


def refusal(estimate: Estimate | None, minimum_n: int) -> Refusal | None:
    """Why no interval is told; None when there is one."""
    if estimate is None:
        return Refusal.NO_ANSWER
    if estimate.n < minimum_n:
        return Refusal.TOO_FEW
    return Refusal.NO_SPREAD if estimate.low is None else None
