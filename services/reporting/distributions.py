"""Quantiles of the beta and of Student's t distribution, on the standard library alone.

Source: Press et al., Numerical Recipes, 3rd ed., section 6.4 (continued fraction of the incomplete beta function by the
modified Lentz method; quantile by Newton steps kept inside a shrinking bracket).
"""

import math
from functools import lru_cache

_TINY = 1e-300
_PRECISION = 1e-15
_MAX_TERMS = 100_000
_MAX_STEPS = 300


def beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b); a and b positive."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(_log_density_times(x, a, b))
    # the fraction converges fast on this side of the mean only
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1 - x, b, a) / b


@lru_cache(maxsize=4096)
def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = probability, to about 1e-13."""
    if probability <= 0:
        return 0.0
    if probability >= 1:
        return 1.0
    low, high = 0.0, 1.0
    x = a / (a + b)
    for _ in range(_MAX_STEPS):
        excess = beta_cdf(x, a, b) - probability
        low, high = (low, x) if excess > 0 else (x, high)
        density = math.exp(_log_density_times(x, a, b)) / (x * (1 - x))
        following = x - excess / density if density > 0 else -1.0
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - x) <= _PRECISION * x:
            return following
        x = following
    return x


@lru_cache(maxsize=4096)
def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t: with Y ~ Beta(1/2, df/2) at 2p − 1, t = √(df · Y / (1 − Y))."""
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    y = beta_quantile(2 * probability - 1, 0.5, df / 2)
    return math.sqrt(df * y / (1 - y))


def _log_density_times(x: float, a: float, b: float) -> float:
    """log of x^a (1−x)^b / B(a, b)."""
    return math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1.0 / _away_from_zero(1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1.0 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            total *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return total


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
