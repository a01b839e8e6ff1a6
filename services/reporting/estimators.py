"""Estimates of a stratified sample with their 95 % intervals, pure.

Sources: Cochran, Sampling Techniques (3rd ed.), chapters 5 and 6; Lohr, Sampling: Design and Analysis (2nd ed.),
chapters 4 and 9; Korn and Graubard, Survey Methodology 24 (1998), 193–201; the manual of R's `survey` package, to which
all of this agrees to nine digits. Sums are exactly rounded: the order of the answers does not change one digit.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.reporting.distributions import beta_quantile, t_quantile

LEVEL = 0.95
_UPPER = 1 - (1 - LEVEL) / 2

Design = Mapping[str, float | None]
"""Population N of each stratum; None: so large that no finite population correction is made."""


class Lonely(StrEnum):
    """What a stratum with a single answer adds to the variance."""

    ADJUST = "adjust"
    """Its distance from the overall estimate: errs on the wide side; the policy of the reports."""
    AVERAGE = "average"
    CERTAINTY = "certainty"


@dataclass(frozen=True, slots=True)
class Group:
    """`count` respondents of one stratum who share weight and value.

    `value` None: they answered, but not this question, or lie outside the domain. They stay in the design, since the
    number of answers in a domain is itself random (Lohr 4.2). `base` is the denominator of a ratio.
    """

    stratum: str
    weight: float
    value: float | None
    count: int = 1
    base: float = 1.0
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """`low` and `high` are None where the degrees of freedom allow no interval."""

    value: float
    se: float
    low: float | None
    high: float | None
    n: int
    df: int
    deff: float | None
    effective_n: float


def mean(groups: Sequence[Group], design: Design, lonely: Lonely = Lonely.ADJUST) -> Estimate | None:
    """Weighted mean Σwy / Σw, linearised variance, t interval with df = answers − strata. None without answers.

    The net promoter score is this mean over −100, 0, 100.
    """
    inside = _inside(groups)
    if not inside:
        return None
    value = _weighted_mean(inside)
    variance = _variance(_scores(groups, value), groups, design, lonely)
    df = _degrees(inside)
    low, high = _t_interval(value, math.sqrt(variance), df)
    return _estimate(inside, value, variance, low, high)


def proportion(groups: Sequence[Group], design: Design, lonely: Lonely = Lonely.ADJUST) -> Estimate | None:
    """Share of the value 1 among 0 and 1, with the beta interval of Korn and Graubard.

    n* = p(1−p)/v · (t(n−1)/t(df))², at most n; low = B(α/2; n*p, n*(1−p)+1), high = B(1−α/2; n*p+1, n*(1−p)).
    Where the strata agree within themselves v is 0 and says nothing: n* = n, the interval of Clopper and Pearson. Only
    when every service of every stratum has answered is the share known.
    """
    inside = _inside(groups)
    if not inside:
        return None
    value = _weighted_mean(inside)
    variance = _variance(_scores(groups, value), groups, design, lonely)
    low, high = (value, value) if _is_census(groups, design) else _beta_interval(value, variance, inside)
    found = _estimate(inside, value, variance, low, high)
    return replace(found, effective_n=min(found.effective_n, found.n))


def ratio(groups: Sequence[Group], design: Design, lonely: Lonely = Lonely.ADJUST) -> Estimate | None:
    """Ratio of two totals Σwy / Σwx (Cochran 6.11), x = `base`. None without answers."""
    inside = _inside(groups)
    if not inside:
        return None
    total = math.fsum(g.count * g.weight * g.base for g in inside)
    value = math.fsum(g.count * g.weight * (g.value or 0.0) for g in inside) / total
    scores = [0.0 if g.value is None else g.weight * (g.value - value * g.base) / total for g in groups]
    variance = _variance(scores, groups, design, lonely)
    low, high = _t_interval(value, math.sqrt(variance), _degrees(inside))
    return Estimate(value, math.sqrt(variance), low, high, _count(inside), _degrees(inside), None, _kish(inside))


def difference(groups: Sequence[Group], design: Design, first: str, second: str) -> Estimate | None:
    """Mean of domain `first` − mean of domain `second`, with their covariance. None when either has no answer."""
    parts = [domain(groups, first), domain(groups, second)]
    if not all(_inside(part) for part in parts):
        return None
    means = [_weighted_mean(_inside(part)) for part in parts]
    scores = [a - b for a, b in zip(*(_scores(p, m) for p, m in zip(parts, means, strict=True)), strict=True)]
    variance = _variance(scores, groups, design, Lonely.ADJUST)
    inside = _inside(_restricted(groups, lambda g: g.domain in (first, second)))
    value, df = means[0] - means[1], _degrees(inside)
    low, high = _t_interval(value, math.sqrt(variance), df)
    return Estimate(value, math.sqrt(variance), low, high, _count(inside), df, None, _kish(inside))


def domain(groups: Sequence[Group], name: str) -> list[Group]:
    """The same respondents, with the values of one domain only."""
    return _restricted(groups, lambda g: g.domain == name)


def _restricted(groups: Iterable[Group], keep: Callable[[Group], bool]) -> list[Group]:
    return [g if keep(g) else Group(g.stratum, g.weight, None, g.count, g.base, g.domain) for g in groups]


def _inside(groups: Iterable[Group]) -> list[Group]:
    return [g for g in groups if g.value is not None and g.count > 0]


def _count(groups: Iterable[Group]) -> int:
    return sum(g.count for g in groups)


def _degrees(inside: Sequence[Group]) -> int:
    return _count(inside) - len({g.stratum for g in inside})


def _weighted_mean(inside: Sequence[Group]) -> float:
    total = math.fsum(g.count * g.weight for g in inside)
    return math.fsum(g.count * g.weight * (g.value or 0.0) for g in inside) / total


def _scores(groups: Sequence[Group], value: float) -> list[float]:
    """Linearised scores w(y − ȳ) / Σw; outside the domain 0."""
    total = math.fsum(g.count * g.weight for g in groups if g.value is not None)
    return [0.0 if g.value is None else g.weight * (g.value - value) / total for g in groups]


def _variance(scores: Sequence[float], groups: Sequence[Group], design: Design, lonely: Lonely) -> float:
    """Σ over strata of (1 − n/N) · n/(n−1) · Σ(u − ū)²; a stratum answered in full adds nothing."""
    strata: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for score, group in zip(scores, groups, strict=True):
        strata[group.stratum].append((score, group.count))
    parts: list[float] = []
    singles: list[float] = []
    for name, members in strata.items():
        n = sum(count for _, count in members)
        population = design[name]
        correction = 1.0 if population is None else max(0.0, 1 - n / population)
        if n == 1:
            singles.append(correction * math.fsum(count * u * u for u, count in members))
            continue
        centre = math.fsum(count * u for u, count in members) / n
        parts.append(correction * n / (n - 1) * math.fsum(count * (u - centre) ** 2 for u, count in members))
    return math.fsum(parts) + _of_singles(singles, parts, lonely)


def _of_singles(singles: Sequence[float], parts: Sequence[float], lonely: Lonely) -> float:
    if lonely is Lonely.ADJUST:
        return math.fsum(singles)
    if lonely is Lonely.AVERAGE and parts:
        return len(singles) * math.fsum(parts) / len(parts)
    return 0.0


def _t_interval(value: float, se: float, df: int) -> tuple[float | None, float | None]:
    if df < 1:
        return None, None
    reach = t_quantile(_UPPER, df) * se
    return value - reach, value + reach


def _is_census(groups: Sequence[Group], design: Design) -> bool:
    heard: dict[str, int] = defaultdict(int)
    for group in groups:
        heard[group.stratum] += group.count
    populations = ((design[name], n) for name, n in heard.items())
    return all(population is not None and n >= population for population, n in populations)


def _beta_interval(p: float, variance: float, inside: Sequence[Group]) -> tuple[float | None, float | None]:
    n, df = _count(inside), _degrees(inside)
    if df < 1:
        return None, None
    known = p * (1 - p) / variance if variance > 0 else float(n)
    effective = min(float(n), known * (t_quantile(_UPPER, n - 1) / t_quantile(_UPPER, df)) ** 2)
    low = 0.0 if p <= 0 else beta_quantile(1 - _UPPER, effective * p, effective * (1 - p) + 1)
    high = 1.0 if p >= 1 else beta_quantile(_UPPER, effective * p + 1, effective * (1 - p))
    return low, high


def _estimate(
    inside: Sequence[Group], value: float, variance: float, low: float | None, high: float | None
) -> Estimate:
    n = _count(inside)
    deff = _design_effect(inside, value, variance)
    effective = n / deff if deff else _kish(inside)
    return Estimate(value, math.sqrt(variance), low, high, n, _degrees(inside), deff, effective)


def _design_effect(inside: Sequence[Group], value: float, variance: float) -> float | None:
    """Variance over that of a simple random sample of the same size without replacement; None where that is zero."""
    n, total = _count(inside), math.fsum(g.count * g.weight for g in inside)
    if n < 2 or total <= n:
        return None
    spread = math.fsum(g.count * g.weight * ((g.value or 0.0) - value) ** 2 for g in inside) / total * n / (n - 1)
    simple = spread * (total - n) / (total * n)
    return variance / simple if simple > 0 else None


def _kish(inside: Sequence[Group]) -> float:
    """(Σw)² / Σw²: the effective n as far as the weights alone decide it (Kish 1965)."""
    total = math.fsum(g.count * g.weight for g in inside)
    return total * total / math.fsum(g.count * g.weight * g.weight for g in inside)
