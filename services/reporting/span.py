"""What a report reads: the opened months of its period, and the part of them that it reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from contracts.vocabulary import Explanation
from services.reporting.calendar import ReportPeriod
from services.reporting.ledger import Ledger
from services.reporting.model import PeriodKind
from services.reporting.sample import EVERYTHING, Sample, Weighed, sample_of, weighed
from services.reporting.sections import Measure, TrendPoint

_AT = pl.Datetime("us", "UTC")
_SERVICE: dict[str, Any] = {"source": pl.String, "service_id": pl.String}
CASES: dict[str, Any] = {
    "case_id": pl.String,
    **_SERVICE,
    "department": pl.String,
    "state": pl.String,
    "severity": pl.String,
    "due_at": _AT,
    "closed_as": pl.String,
}
CALLS: dict[str, Any] = {
    "attempt_id": pl.String,
    **_SERVICE,
    "callback_id": pl.String,
    "channel": pl.String,
    "disposition": pl.String,
    "agent": pl.String,
    "connected_at": _AT,
    "ended_at": _AT,
    "wrapup_missing": pl.Boolean,
    "tune": pl.String,
    "tune_pilot": pl.String,
    "response_id": pl.String,
    "recorded_at": _AT,
}
STEPS: dict[str, Any] = {"step": pl.String, "seconds": pl.Float64, **_SERVICE}


@dataclass(frozen=True)
class Month:
    """One sampling period. `frame` comes from `frame.month_frame`."""

    period: str
    ledger: Ledger
    frame: pl.DataFrame
    explanations: Mapping[Explanation | None, int]

    @cached_property
    def weighed(self) -> Weighed:
        return weighed(self.period, self.ledger, self.frame.filter("counted"))

    @cached_property
    def sample(self) -> Sample:
        """All of it: kept, since every look at a part of the month starts from it."""
        return sample_of([self.weighed], EVERYTHING)


@dataclass(frozen=True)
class Work:
    """What happened around the answers: `cases`, `calls` and `steps` as `store.work` tells them.

    `now`: what is overdue is overdue then. `earlier`: the point of each trend in the newest
    revisions of earlier periods, the oldest first.
    `baseline`: mean seconds of a completed call in the first published month.
    """

    cases: pl.DataFrame
    calls: pl.DataFrame
    steps: pl.DataFrame
    measures: Sequence[Measure]
    now: datetime
    earlier: Sequence[Mapping[str, TrendPoint]] = ()
    baseline: float | None = None


@dataclass(frozen=True)
class Span:
    """`ledger`, `frame` and `explanations` of the services completed inside the period; `months` carry the design."""

    period: ReportPeriod
    months: tuple[Month, ...]
    ledger: Ledger
    frame: pl.DataFrame
    explanations: Mapping[Explanation | None, int]

    def sample(self) -> Sample:
        """Every counted answer of the months with its weight; inside are those of the period."""
        if self.period.kind is PeriodKind.MONTH:
            return self.months[0].sample
        return sample_of([month.weighed for month in self.months], inside(self.period))


def inside(period: ReportPeriod) -> pl.Expr:
    return pl.col("completed_at").is_between(period.starts, period.ends, closed="left")
