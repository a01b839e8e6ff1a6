"""Estimates of a stratified sample with their 95 % intervals, pure.

Sources: Cochran, Sampling Techniques (3rd ed.), chapters 5 and 6; Lohr, Sampling: Design and Analysis (2nd ed.),
chapters 4 and 9; Korn and Graubard, Survey Methodology 24 (1998), 193–201; the manual of R's `survey` package, to which
all of this agrees to nine digits. Sums are exactly rounded: the order of the answers does not change one digit.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    inside = answering(groups)
    if not inside:
        return None
    value = weighted_mean(inside)
    variance = variance_of_total(linearised(groups, value), groups, design, lonely)
    df = degrees_of_freedom(inside)
    low, high = t_interval(value, math.sqrt(variance), df)
    return _estimate(inside, value, variance, low, high)


def proportion(groups: Sequence[Group], design: Design, lonely: Lonely = Lonely.ADJUST) -> Estimate | None:
    """Share of the value 1 among 0 and 1, with the beta interval of Korn and Graubard.

    n* = p(1−p)/v · (t(n−1)/t(df))², at most n; low = B(α/2; n*p, n*(1−p)+1), high = B(1−α/2; n*p+1, n*(1−p)).
    Where the strata agree within themselves v is 0 and says nothing: n* = n, the interval of Clopper and Pearson. Only
    when every service of every stratum has answered is the share known.
    """
    inside = answering(groups)
    if not inside:
        return None
    value = weighted_mean(inside)
    variance = variance_of_total(linearised(groups, value), groups, design, lonely)
    low, high = (value, value) if _is_census(groups, design) else _beta_interval(value, variance, inside)
    found = _estimate(inside, value, variance, low, high)
    return replace(found, effective_n=min(found.effective_n, found.n))


def ratio(groups: Sequence[Group], design: Design, lonely: Lonely = Lonely.ADJUST) -> Estimate | None:
    """Ratio of two totals Σwy / Σwx (Cochran 6.11), x = `base`. None without answers."""
    inside = answering(groups)
    if not inside:
        return None
    total = math.fsum(g.count * g.weight * g.base for g in inside)
    value = math.fsum(g.count * g.weight * (g.value or 0.0) for g in inside) / total
    scores = [0.0 if g.value is None else g.weight * (g.value - value * g.base) / total for g in groups]
    variance = variance_of_total(scores, groups, design, lonely)
    low, high = t_interval(value, math.sqrt(variance), degrees_of_freedom(inside))
    return Estimate(
        value, math.sqrt(variance), low, high, count_of(inside), degrees_of_freedom(inside), None, kish(inside)
    )


def answering(groups: Iterable[Group]) -> list[Group]:
    return [g for g in groups if g.value is not None and g.count > 0]


def count_of(groups: Iterable[Group]) -> int:
    return sum(g.count for g in groups)


def degrees_of_freedom(inside: Sequence[Group]) -> int:
    return count_of(inside) - len({g.stratum for g in inside})


def weighted_mean(inside: Sequence[Group]) -> float:
    total = math.fsum(g.count * g.weight for g in inside)
    return math.fsum(g.count * g.weight * (g.value or 0.0) for g in inside) / total


def linearised(groups: Sequence[Group], value: float) -> list[float]:
    """Linearised scores w(y − ȳ) / Σw; outside the domain 0."""
    total = math.fsum(g.count * g.weight for g in groups if g.value is not None)
    return [0.0 if g.value is None else g.weight * (g.value - value) / total for g in groups]


def variance_of_total(
    scores: Sequence[float], groups: Sequence[Group], design: Design, lonely: Lonely = Lonely.ADJUST
) -> float:
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


def t_interval(value: float, se: float, df: int) -> tuple[float | None, float | None]:
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
    n, df = count_of(inside), degrees_of_freedom(inside)
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
    n = count_of(inside)
    deff = _design_effect(inside, value, variance)
    effective = n / deff if deff else kish(inside)
    return Estimate(value, math.sqrt(variance), low, high, n, degrees_of_freedom(inside), deff, effective)


def _design_effect(inside: Sequence[Group], value: float, variance: float) -> float | None:
    """Variance over that of a simple random sample of the same size without replacement; None where that is zero."""
    n, total = count_of(inside), math.fsum(g.count * g.weight for g in inside)
    if n < 2 or total <= n:
        return None
    spread = math.fsum(g.count * g.weight * ((g.value or 0.0) - value) ** 2 for g in inside) / total * n / (n - 1)
    simple = spread * (total - n) / (total * n)
    return variance / simple if simple > 0 else None


def kish(inside: Sequence[Group]) -> float:
    """(Σw)² / Σw²: the effective n as far as the weights alone decide it (Kish 1965)."""
    total = math.fsum(g.count * g.weight for g in inside)
    return total * total / math.fsum(g.count * g.weight * g.weight for g in inside)
