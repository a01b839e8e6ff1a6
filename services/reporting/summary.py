"""The sample of a period and its main figures: a pure function of what was opened."""

import math
from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from contracts.vocabulary import Score, Solved
from services.reporting import figures
from services.reporting.figure import ratio
from services.reporting.ledger import Rate
from services.reporting.listing import SELECTIONS
from services.reporting.making import Figures
from services.reporting.outcomes import SampleOutcome, sample_outcome
from services.reporting.parts import FLAGGED, PAIRED, PARTICIPANTS
from services.reporting.report import (
    Aapor,
    Outside,
    Participation,
    Recovery,
    Skew,
    StratumRow,
    Summary,
)
from services.reporting.sample import tallies
from services.reporting.span import Span
from services.reporting.weights import Tally, weighting

FLOOR = 0.10  # share of a stratum that must be selected: requirement IN3


def summarise(span: Span, make: Figures) -> Summary:
    """The same content gives the same report to the last digit, however often and in whatever order it arrived."""
    counted = span.frame.filter("counted")
    provisional = span.ledger.closed_at is None
    found = {key: make.figure(key) for key in figures.REPORTED}
    outcome = sample_outcome(span.explanations)
    designs = [weighting(tallies(month.ledger, span.frame.filter("counted"))) for month in span.months]
    strata = _strata(tallies(span.ledger, counted), span.ledger.rates, counted, provisional=provisional)
    return Summary(
        period=span.period.key,
        provisional=provisional,
        minimum_n=make.limits.minimum_n,
        figures=found,
        solved_answers=_solved(counted),
        participation=_participation(span.frame, counted, outcome),
        aapor=_aapor(outcome),
        strata=strata,
        merged=tuple(name for design in designs for name in design.merged),
        uncovered={name: size for design in designs for name, size in design.uncovered.items()},
        skew=_skew(strata, found["overall"].estimate),
        outside=_outside(span, counted, make),
        flagged=counted.filter(FLAGGED).height,
        recovery=_recovery(span.frame),
    )


def _solved(counted: pl.DataFrame) -> dict[str, int]:
    return {answer.value: counted.filter(pl.col("solved") == answer.value).height for answer in Solved}


def _participation(frame: pl.DataFrame, counted: pl.DataFrame, outcome: SampleOutcome) -> Participation:
    spoke = frame.filter(PARTICIPANTS)
    return Participation(
        selected=outcome.eligible + outcome.not_eligible,
        eligible=outcome.eligible,
        participation=ratio(spoke["completion_ref"].n_unique(), outcome.eligible),
        recovery=ratio(counted.height, outcome.eligible),
    )


def _aapor(outcome: SampleOutcome) -> Aapor:
    return Aapor(
        counts=outcome.counts,
        open=outcome.open,
        not_eligible=outcome.not_eligible,
        e=outcome.e,
        rr1=outcome.rr1,
        rr2=outcome.rr2,
        rr3=outcome.rr3,
        rr4=outcome.rr4,
        rr5=outcome.rr5,
        rr6=outcome.rr6,
        cooperation=outcome.cooperation,
        contact=outcome.contact,
        refusal=outcome.refusal,
    )


def _strata(
    cells: Iterable[Tally], rates: Iterable[Rate], counted: pl.DataFrame, *, provisional: bool
) -> tuple[StratumRow, ...]:
    stated = {(rate.stratum, rate.rate_version): rate for rate in rates}
    layers: dict[tuple[str, int], list[Tally]] = defaultdict(list)
    whole: dict[str, list[Tally]] = defaultdict(list)
    for tally in cells:
        layers[(tally.key.stratum, tally.key.rate_version)].append(tally)
        whole[tally.key.stratum].append(tally)
    rows, told = [], set()
    for (stratum, version), members in sorted(layers.items()):
        rate = stated.get((stratum, version))
        accepted, answered = sum(t.accepted for t in members), sum(t.answered for t in members)
        own = counted.filter((pl.col("stratum") == stratum) & (pl.col("rate_version") == version))
        row = StratumRow(
            stratum=stratum,
            rate_version=version,
            certainty=rate.certainty if rate else None,
            rate=rate.rate if rate else None,
            accepted=accepted,
            selected=sum(t.selected for t in members),
            answered=answered,
            weight=None if provisional or not answered else accepted / answered,
            overall=figures.raw_mean("overall", own),
            shortfall=0 if stratum in told else _shortfall(whole[stratum]),
        )
        told.add(stratum)
        rows.append(row)
    return tuple(rows)


def _shortfall(members: Iterable[Tally]) -> int:
    tallies = list(members)
    # exact in tenths: 0.1 × 30 is 3, not 3.0000000000000004 rounded up to 4
    floor = math.ceil(round(FLOOR * sum(t.accepted for t in tallies), 6))
    return max(0, floor - sum(t.selected for t in tallies))


def _skew(strata: Iterable[StratumRow], overall: float | None) -> Skew | None:
    if overall is None:
        return None
    heard = [row for row in strata if row.answered and row.overall is not None]
    accepted, answered = sum(row.accepted for row in heard), sum(row.answered for row in heard)
    skews = [
        (
            abs((row.answered / answered - row.accepted / accepted) * ((row.overall or 0.0) - overall)),
            Skew(stratum=row.stratum, population_share=row.accepted / accepted, answer_share=row.answered / answered),
        )
        for row in heard
    ]
    return max(skews, key=lambda pair: pair[0])[1] if len(skews) > 1 else None


def _outside(span: Span, counted: pl.DataFrame, make: Figures) -> Outside:
    def number(selection: str) -> int:
        return span.frame.filter(SELECTIONS[selection]).height

    apart = span.frame.filter(SELECTIONS["outside_design"])
    return Outside(
        outside_design=apart.height,
        outside_design_mean=figures.raw_mean("overall", apart),
        voided=number("voided"),
        repeated=number("repeated"),
        empty=number("empty"),
        without_weight=counted.height - make.sample.inside.height,
        out_of_frame=span.ledger.out_of_frame,
        rejected=span.ledger.rejected,
    )


def _recovery(frame: pl.DataFrame) -> Recovery:
    """Pairs by the response that the second one is about; the latest second answer of a pair counts."""
    second = frame.filter(PAIRED).select("about_response_id", after="overall")
    first = frame.select("response_id", before="overall")
    pairs = first.join(second, left_on="response_id", right_on="about_response_id")
    low = pairs.filter(pl.col("before") <= Score.DISSATISFIED)
    recovered = low.filter(pl.col("after") > Score.DISSATISFIED).height
    return Recovery(
        pairs=pairs.height,
        before=_plain_mean(pairs["before"]),
        after=_plain_mean(pairs["after"]),
        recovered=ratio(recovered, low.height),
    )


def _plain_mean(scores: pl.Series) -> float | None:
    return int(scores.cast(pl.Int64).sum()) / len(scores) if len(scores) else None
