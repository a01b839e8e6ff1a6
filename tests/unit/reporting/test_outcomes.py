import pytest

from contracts.outcomes import AaporOutcome
from contracts.vocabulary import Explanation as E
from services.reporting.outcomes import sample_outcome

MONTH = {
    E.COMPLETE: 1438,
    E.PARTIAL: 133,
    E.REFUSED: 200,
    E.OPTED_OUT: 10,
    E.BREAK_OFF: 4,
    E.EXHAUSTED: 560,
    E.WINDOW_MISSED: 6,
}
REST = {E.SUPPRESSED_BY_BUDGET: 61, E.UNREPORTED: 100, None: 26, E.DUPLICATE: 9, E.NOT_DRAWN: 7}


def test_the_rates_are_those_of_the_standard_definitions() -> None:
    found = sample_outcome({**MONTH, **REST})
    assert found.eligible == 2538
    rates = {name: getattr(found, name).value for name in ("rr1", "rr2", "cooperation", "contact", "refusal")}
    assert rates == pytest.approx(
        {"rr1": 0.567, "rr2": 0.619, "cooperation": 0.779, "contact": 0.727, "refusal": 0.084}, abs=5e-4
    )


def test_opted_out_and_unreachable_customers_stay_eligible() -> None:
    found = sample_outcome({E.OPTED_OUT: 3, E.EXHAUSTED: 2, E.NO_CONTACT_DATA: 1})
    assert found.eligible == 6
    assert found.counts[AaporOutcome.REFUSAL] == 3
    assert found.counts[AaporOutcome.NON_CONTACT] == 3


def test_duplicates_and_undrawn_services_are_no_part_of_the_sample() -> None:
    found = sample_outcome({E.DUPLICATE: 3, E.OUT_OF_FRAME: 2, E.NOT_DRAWN: 100})
    assert (found.eligible, found.not_eligible) == (0, 5)


def test_what_has_not_ended_counts_as_unknown_and_lowers_the_response_rate() -> None:
    found = sample_outcome({E.COMPLETE: 1, None: 3})
    assert (found.open, found.counts[AaporOutcome.UNKNOWN_ELIGIBILITY]) == (3, 3)
    assert found.rr1.value == 0.25


def test_an_empty_sample_has_no_rates() -> None:
    assert sample_outcome({}).rr1.value is None
