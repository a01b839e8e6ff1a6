"""Values from R 4.2 (qt, qbeta, pbeta) and from closed forms."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.distributions import beta_cdf, beta_quantile, t_quantile


@pytest.mark.parametrize(
    ("df", "expected"),
    [(1, math.tan(math.pi * 0.475)), (2, 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025))), (10, 2.2281388519649385)],
)
def test_quantiles_of_t_are_those_of_the_tables(df: int, expected: float) -> None:
    assert t_quantile(0.975, df) == pytest.approx(expected, rel=1e-11)


def test_t_approaches_the_normal_distribution() -> None:
    assert t_quantile(0.975, 1e7) == pytest.approx(1.959963984540054, rel=1e-6)


def test_t_is_symmetric() -> None:
    assert t_quantile(0.025, 7) == -t_quantile(0.975, 7)


def test_beta_has_its_closed_forms() -> None:
    assert beta_cdf(0.3, 1, 1) == pytest.approx(0.3, rel=1e-14)
    assert beta_cdf(0.3, 2, 1) == pytest.approx(0.09, rel=1e-14)
    assert beta_quantile(0.05, 30, 1) == pytest.approx(0.05 ** (1 / 30), rel=1e-12)


@given(st.floats(0.001, 0.999), st.floats(0.3, 5000), st.floats(0.3, 5000))
def test_the_quantile_is_the_inverse_of_the_distribution(probability: float, a: float, b: float) -> None:
    assert beta_cdf(beta_quantile(probability, a, b), a, b) == pytest.approx(probability, rel=1e-8)
