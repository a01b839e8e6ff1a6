"""How well the callbacks themselves were worked: the month's efficiency and the week's steps, pure."""

import math

import polars as pl

from services.reporting.calls import COMPLETED, SELECTIONS, TALKED
from services.reporting.composing.problems import codes
from services.reporting.distributions import t_quantile
from services.reporting.figure import ratio
from services.reporting.limits import Side, Target, verdict
from services.reporting.making import Figures
from services.reporting.span import Work
from services.reporting.work import Duration, Efficiency, StepRow, WeeklyReview

STEPS = ("first_attempt", "record", "working", "told")
BETTER = 0.8  # of the baseline: the target is −20 %


def efficiency(make: Figures, work: Work) -> Efficiency:
    def number(selection: str) -> int:
        return work.calls.filter(SELECTIONS[selection]).height

    completeness = make.limits.target("completeness", make.day)
    return Efficiency(
        duration=_duration(make, work),
        solved=make.figure("solved"),
        completeness=ratio(number("finished"), number("connected")),
        completeness_target=completeness.value if completeness else 1.0,
        prompt=ratio(number("prompt"), number("recorded")),
        callback=make.figure("callback"),
        attitude=make.figure("attitude"),
    )


def weekly(make: Figures, work: Work) -> WeeklyReview:
    rows = []
    for step in STEPS:
        limit = make.limits.step(step, make.day)
        if limit is None:
            continue
        seconds = work.steps.filter(pl.col("step") == step)["seconds"]
        within = int((seconds <= limit).sum())
        rows.append(
            StepRow(
                step=step,
                n=len(seconds),
                median=seconds.quantile(0.5, "linear"),
                p90=seconds.quantile(0.9, "linear"),
                limit=limit,
                within=ratio(within, len(seconds)),
            )
        )
    return WeeklyReview(steps=tuple(rows), frequent=tuple(codes(make)))


def _duration(make: Figures, work: Work) -> Duration:
    """Mean over completed agent calls only; t interval, the calls as a sample of the way of working."""
    seconds = sorted(work.calls.filter(COMPLETED).select(took=TALKED / 1e6)["took"].to_list())
    n = len(seconds)
    mean = math.fsum(seconds) / n if n else None
    low, high = _interval(seconds, mean) if mean is not None and n >= make.limits.minimum_n else (None, None)
    stated = make.limits.baseline("duration", make.day)
    baseline = work.baseline if stated is None else stated
    target = baseline * BETTER if baseline else None
    row = Target(figure="duration", since=make.day, value=target, good=Side.LOW) if target else None
    return Duration(
        n=n,
        seconds=mean,
        low=low,
        high=high,
        baseline=baseline,
        change=mean / baseline - 1 if mean is not None and baseline else None,
        target=target,
        verdict=verdict(low, high, row),
    )


def _interval(values: list[float], mean: float) -> tuple[float, float]:
    n = len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    reach = t_quantile(0.975, n - 1) * math.sqrt(variance / n)
    return mean - reach, mean + reach
