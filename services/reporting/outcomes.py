"""How the sample ended: AAPOR outcome counts and rates, participation, valid recovery.

Source: AAPOR, Standard Definitions (10th edition, 2023): RR1–RR6, COOP1, CON1, REF1. Who is eligible is said by the
one table of `contracts.outcomes`; what was never drawn is not part of the sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.outcomes import OUTCOMES, AaporOutcome
from contracts.vocabulary import Explanation
from services.reporting.figure import Ratio, ratio

COUNTED = (
    AaporOutcome.COMPLETE,
    AaporOutcome.PARTIAL,
    AaporOutcome.REFUSAL,
    AaporOutcome.NON_CONTACT,
    AaporOutcome.OTHER,
    AaporOutcome.UNKNOWN_ELIGIBILITY,
)


@dataclass(frozen=True, slots=True)
class SampleOutcome:
    """`counts` of the eligible selected services. `open` of them have no terminal explanation yet: counted as U."""

    counts: dict[AaporOutcome, int]
    open: int
    not_eligible: int

    @property
    def eligible(self) -> int:
        return sum(self.counts.values())

    @property
    def rr1(self) -> Ratio:
        """Response rate 1: I / (I + P + R + NC + O + U)."""
        return ratio(self._of(AaporOutcome.COMPLETE), self.eligible)

    @property
    def rr2(self) -> Ratio:
        """Response rate 2: (I + P) / (I + P + R + NC + O + U)."""
        return ratio(self._of(AaporOutcome.COMPLETE, AaporOutcome.PARTIAL), self.eligible)

    @property
    def e(self) -> float | None:
        """Eligible ÷ (eligible + not eligible) among the selected services whose eligibility is known (CASRO)."""
        everyone = self._known + self.not_eligible
        return self._known / everyone if everyone else None

    @property
    def rr3(self) -> float | None:
        """Response rate 3: I / (I + P + R + NC + O + e·U)."""
        return self._with_estimated(AaporOutcome.COMPLETE)

    @property
    def rr4(self) -> float | None:
        """Response rate 4: (I + P) / (I + P + R + NC + O + e·U)."""
        return self._with_estimated(AaporOutcome.COMPLETE, AaporOutcome.PARTIAL)

    @property
    def rr5(self) -> Ratio:
        """Response rate 5: I / (I + P + R + NC + O), as if nobody of unknown eligibility were eligible."""
        return ratio(self._of(AaporOutcome.COMPLETE), self._known)

    @property
    def rr6(self) -> Ratio:
        """Response rate 6, the largest possible: (I + P) / (I + P + R + NC + O)."""
        return ratio(self._of(AaporOutcome.COMPLETE, AaporOutcome.PARTIAL), self._known)

    @property
    def cooperation(self) -> Ratio:
        """COOP1: I / (I + P + R + O), of those who were reached."""
        return ratio(self._of(AaporOutcome.COMPLETE), self._reached)

    @property
    def contact(self) -> Ratio:
        """CON1: (I + P + R + O) / (I + P + R + NC + O + U)."""
        return ratio(self._reached, self.eligible)

    @property
    def refusal(self) -> Ratio:
        """REF1: R / (I + P + R + NC + O + U)."""
        return ratio(self._of(AaporOutcome.REFUSAL), self.eligible)

    @property
    def _known(self) -> int:
        return self.eligible - self._of(AaporOutcome.UNKNOWN_ELIGIBILITY)

    def _with_estimated(self, *heard: AaporOutcome) -> float | None:
        """The share of `heard` when e of the unknown are eligible; None when that is nobody."""
        if self.e is None:
            return None
        base = self._known + self.e * (self.eligible - self._known)
        return self._of(*heard) / base if base else None

    @property
    def _reached(self) -> int:
        return self._of(AaporOutcome.COMPLETE, AaporOutcome.PARTIAL, AaporOutcome.REFUSAL, AaporOutcome.OTHER)

    def _of(self, *outcomes: AaporOutcome) -> int:
        return sum(self.counts[outcome] for outcome in outcomes)


def outcome_of(explanation: Explanation | None) -> AaporOutcome | None:
    """The outcome of a selected service; one that has not ended is of unknown eligibility. None: no sample member."""
    if explanation is None:
        return AaporOutcome.UNKNOWN_ELIGIBILITY
    outcome = OUTCOMES[explanation]
    return outcome.aapor if outcome else None


def sample_outcome(explanations: Mapping[Explanation | None, int]) -> SampleOutcome:
    """Counts of the selected services by how their callback ended."""
    counts = dict.fromkeys(COUNTED, 0)
    not_eligible = 0
    for explanation, number in explanations.items():
        outcome = outcome_of(explanation)
        if outcome in counts:
            counts[outcome] += number
        elif outcome is AaporOutcome.NOT_ELIGIBLE:
            not_eligible += number
    return SampleOutcome(counts, open=explanations.get(None, 0), not_eligible=not_eligible)
