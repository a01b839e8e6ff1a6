import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_the_rates_that_estimate_the_unknown_follow_the_standard_definitions() -> None:
    """I 1438, P 133, R 214, NC 566, O 61, U 126, not eligible 9: e = 2412 / 2421."""
    found = sample_outcome({**MONTH, **REST})
    assert found.e == pytest.approx(2412 / 2421)
    assert found.rr3 == pytest.approx(1438 / (2412 + 126 * 2412 / 2421))
    assert found.rr4 == pytest.approx(1571 / (2412 + 126 * 2412 / 2421))
    assert (found.rr5.value, found.rr6.value) == pytest.approx((1438 / 2412, 1571 / 2412))


@given(st.dictionaries(st.sampled_from([*E, None]), st.integers(0, 500)))
def test_each_rate_lies_between_the_stricter_and_the_kinder_one(ends: dict[E | None, int]) -> None:
    found = sample_outcome(ends)
    if found.rr1.of and found.rr5.of and found.rr3 is not None and found.rr4 is not None:
        assert found.rr1.count / found.rr1.of <= found.rr3 + 1e-12
        assert found.rr3 <= found.rr5.count / found.rr5.of + 1e-12
        assert found.rr3 <= found.rr4 + 1e-12


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
