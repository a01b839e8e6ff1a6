"""The report of one month as a typed model: the page and the API show the same object."""

import hashlib

from pydantic import BaseModel, ConfigDict

from contracts.outcomes import AaporOutcome
from services.reporting.figures import FigureKind
from services.reporting.limits import Side, Verdict


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Figure(Part):
    """One weighted estimate. `low` and `high` are null when n is below the minimum: too few answers for an interval."""

    kind: FigureKind
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    effective_n: float | None
    deff: float | None
    enough: bool
    raw: float | None
    """The unweighted mean of the same answers."""
    target: float | None
    good: Side | None
    verdict: Verdict | None


class Ratio(Part):
    """x of N over everything known; no interval belongs to it."""

    count: int
    of: int
    value: float | None


class Aapor(Part):
    """Outcome counts of the eligible selected services and the rates made of them."""

    counts: dict[AaporOutcome, int]
    open: int
    """Of these, without a terminal explanation yet; they are counted as unknown eligibility."""
    not_eligible: int
    rr1: Ratio
    rr2: Ratio
    cooperation: Ratio
    contact: Ratio
    refusal: Ratio


class Participation(Part):
    """`participation`: at least one question answered, `recovery`: valid after cleaning; each ÷ eligible selected."""

    selected: int
    eligible: int
    participation: Ratio
    recovery: Ratio


class StratumRow(Part):
    """One stratum × rate version. `weight` is N / r, shown only once the period has closed."""

    stratum: str
    rate_version: int
    certainty: bool | None
    rate: float | None
    accepted: int
    selected: int
    answered: int
    weight: float | None
    overall: float | None
    shortfall: int
    """Selected services missing to the floor of 10 % of the whole stratum; told once per stratum."""


class Skew(Part):
    """The stratum that does most to pull the unweighted mean away."""

    stratum: str
    population_share: float
    answer_share: float


class Outside(Part):
    """Answers that no estimate counts, and why."""

    outside_design: int
    outside_design_mean: float | None
    voided: int
    repeated: int
    empty: int
    without_weight: int
    out_of_frame: int
    rejected: int


class Recovery(Part):
    """Pairs of a first answer and the one after the follow-up; never part of a figure."""

    pairs: int
    before: float | None
    after: float | None
    recovered: Ratio
    """Of the first answers in the low band, those whose second left it."""


class Summary(Part):
    period: str
    provisional: bool
    """True until the sampling period has closed: N and weights still move."""
    minimum_n: int
    figures: dict[str, Figure]
    solved_answers: dict[str, int]
    participation: Participation
    aapor: Aapor
    strata: tuple[StratumRow, ...]
    merged: tuple[str, ...]
    uncovered: dict[str, int]
    skew: Skew | None
    outside: Outside
    flagged: int
    recovery: Recovery

    @property
    def empty(self) -> bool:
        return not self.strata and not self.outside.outside_design

    def digest(self) -> str:
        """SHA-256 of the canonical JSON: equal figures, equal digest."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()
