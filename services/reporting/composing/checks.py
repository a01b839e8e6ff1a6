"""Answers to look at again: far from their stratum, or with a quality flag. Nothing is dropped for it, pure."""

import polars as pl

from contracts.vocabulary import Purpose
from services.reporting.figure import Filters
from services.reporting.figures import REPORTED, value_of
from services.reporting.making import Figures
from services.reporting.parts import FLAGGED
from services.reporting.sample import Sample
from services.reporting.sections import Anomaly, FlagEffect
from services.reporting.span import Span

FAR = 3  # points from the median of the stratum: requirement SV9
ENOUGH = 30  # answers of a stratum before its median means something


def anomalies(span: Span) -> tuple[Anomaly, ...]:
    """Counted answers whose overall score lies `FAR` or more from the median of their stratum of `ENOUGH` answers.

    The stratum is judged by the whole months, so that a week lists what its month lists.
    """
    counted = pl.concat([month.frame.filter("counted") for month in span.months])
    judged = counted.filter(pl.col("overall").is_not_null()).with_columns(
        median=pl.col("overall").median().over("stratum"), n=pl.len().over("stratum")
    )
    far = (pl.col("overall") - pl.col("median")).abs() >= FAR
    reported = judged.filter(far & (pl.col("n") >= ENOUGH)).join(
        span.frame.select("response_id"), on="response_id", how="semi"
    )
    verified = set(
        span.frame.filter(
            (pl.col("purpose") == Purpose.VERIFICATION.value) & ~pl.col("voided") & (pl.col("answered") > 0)
        )["about_response_id"].to_list()
    )
    return tuple(
        Anomaly(
            response_id=row["response_id"],
            source=row["source"],
            service_id=row["service_id"],
            stratum=row["stratum"],
            score=row["overall"],
            median=row["median"],
            n=row["n"],
            verified=row["response_id"] in verified,
        )
        for row in reported.sort("response_id").iter_rows(named=True)
    )


def flag_effects(make: Figures) -> tuple[FlagEffect, ...]:
    """Every figure with all answers, and of those without a flag: a domain of the same sample."""
    if not make.sample.inside.filter(FLAGGED).height:
        return ()
    return tuple(
        FlagEffect(
            key=key, with_flagged=make.figure(key), without=make.figure(key, ~FLAGGED, Filters(quality="unflagged"))
        )
        for key in REPORTED
        if _touched(make.sample, key)
    )


def _touched(sample: Sample, key: str) -> bool:
    return sample.inside.filter(FLAGGED).select(value_of(key)).drop_nulls().height > 0
