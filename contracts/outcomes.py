"""One table maps how a callback ended to eligibility and to the AAPOR outcome.

Source of the codes: AAPOR, Standard Definitions (10th edition, 2023), final disposition codes for telephone surveys.
"""

from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import Explanation


class AaporOutcome(StrEnum):
    COMPLETE = "I"
    PARTIAL = "P"
    REFUSAL = "R"
    NON_CONTACT = "NC"
    OTHER = "O"
    UNKNOWN_ELIGIBILITY = "U"
    NOT_ELIGIBLE = "NE"


@dataclass(frozen=True)
class Outcome:
    """Eligibility and AAPOR outcome of one explanation; `code` is the AAPOR final disposition code."""

    eligible: bool
    aapor: AaporOutcome
    code: str


# Opted-out and unreachable customers are eligible non-respondents; duplicates, faulty documents and completions
# outside the frame are not eligible; what was never drawn is not part of the sample at all.
OUTCOMES: dict[Explanation, Outcome | None] = {
    Explanation.COMPLETE: Outcome(True, AaporOutcome.COMPLETE, "1.1"),
    Explanation.PARTIAL: Outcome(True, AaporOutcome.PARTIAL, "1.2"),
    Explanation.REFUSED: Outcome(True, AaporOutcome.REFUSAL, "2.11"),
    Explanation.OPTED_OUT: Outcome(True, AaporOutcome.REFUSAL, "2.11"),
    Explanation.BREAK_OFF: Outcome(True, AaporOutcome.REFUSAL, "2.12"),
    Explanation.EXHAUSTED: Outcome(True, AaporOutcome.NON_CONTACT, "2.20"),
    Explanation.WINDOW_MISSED: Outcome(True, AaporOutcome.NON_CONTACT, "2.20"),
    Explanation.NO_CONTACT_DATA: Outcome(True, AaporOutcome.NON_CONTACT, "2.20"),
    Explanation.SUPPRESSED_BY_BUDGET: Outcome(True, AaporOutcome.OTHER, "2.30"),
    Explanation.ERASED: Outcome(True, AaporOutcome.OTHER, "2.30"),
    Explanation.WITHDRAWN: Outcome(True, AaporOutcome.OTHER, "2.30"),
    Explanation.UNREPORTED: Outcome(True, AaporOutcome.UNKNOWN_ELIGIBILITY, "3.90"),
    Explanation.REJECTED: Outcome(False, AaporOutcome.NOT_ELIGIBLE, "4.10"),
    Explanation.OUT_OF_FRAME: Outcome(False, AaporOutcome.NOT_ELIGIBLE, "4.10"),
    Explanation.DUPLICATE: Outcome(False, AaporOutcome.NOT_ELIGIBLE, "4.10"),
    Explanation.NOT_DRAWN: None,
}
