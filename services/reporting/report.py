"""The sample of a report and its main figures as typed parts: the page and the API show the same object."""

import hashlib

from contracts.outcomes import AaporOutcome
from services.reporting.figure import Figure, Part, Ratio


class Aapor(Part):
    """Outcome counts of the eligible selected services and the rates made of them."""

    counts: dict[AaporOutcome, int]
    open: int
    """Of these, without a terminal explanation yet; they are counted as unknown eligibility."""
    not_eligible: int
    e: float | None
    """Share of the unknown that is taken for eligible in RR3 and RR4: the share among those that are known."""
    rr1: Ratio
    rr2: Ratio
    rr3: float | None
    rr4: float | None
    rr5: Ratio
    rr6: Ratio
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
