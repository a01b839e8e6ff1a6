"""Synthetic months with a known truth: does a 95 % interval hold it in 95 of 100 months?"""

from random import Random

import pytest

from tests.unit.reporting.simulated import (
    VALUES,
    Drawn,
    Population,
    by_customer,
    by_inclusion,
    coverage,
    months,
    raw,
    weighted,
)

LEANING = {1: 0.9, 2: 0.8, 3: 0.5, 4: 0.45, 5: 0.45}
"""Who is dissatisfied answers more often: no weight can know that."""


@pytest.fixture(scope="module")
def drawn_months() -> list[tuple[Population, Drawn]]:
    return list(months(2_000, seed=11))


def test_the_intervals_of_the_reports_hold_the_truth_as_often_as_they_say(
    drawn_months: list[tuple[Population, Drawn]],
) -> None:
    answered = sum(sum(sample.answered.values()) for _population, sample in drawn_months)
    selected = sum(sum(sample.selected.values()) for _population, sample in drawn_months)
    assert 0.55 < answered / selected < 0.65
    assert all(weighted(*month)["share"].effective_n >= 100 for month in drawn_months[:100])
    found = coverage(drawn_months, weighted)
    assert {figure: 0.93 <= share <= 0.97 for figure, share in found.items()} == dict.fromkeys(VALUES, True), found


def test_the_raw_mean_and_weights_without_non_response_fail_the_same_test(
    drawn_months: list[tuple[Population, Drawn]],
) -> None:
    for method in (raw, by_inclusion):
        found = coverage(drawn_months[:500], method)
        assert all(share < 0.80 for share in found.values()), (method.__name__, found)


def test_where_answering_depends_on_the_answer_no_weight_helps_and_the_test_says_so() -> None:
    found = coverage(list(months(300, seed=5, lean=LEANING)), weighted)
    assert all(share < 0.80 for share in found.values()), found


def test_customers_with_several_services_are_the_limit_of_the_formula() -> None:
    """Where services of one customer are rated apart the formula and a bootstrap by customer agree; where one answer
    repeats the other the formula is too narrow, and by how much is known."""
    formula, bootstrap = by_customer(Random(3), customers=400, together=0.0)
    assert 0.85 < bootstrap / formula < 1.15
    formula, bootstrap = by_customer(Random(3), customers=400, together=0.6)
    assert 1.15 < bootstrap / formula < 1.60


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_ten_thousand_months_agree(seed: int) -> None:
    found = coverage(list(months(2_000, seed=1_000 + seed)), weighted)
    assert all(0.93 <= share <= 0.97 for share in found.values()), found
