"""Estimates of parts of a sample and between them, pure: the whole design stays, values outside the part do not count.

Sources: Lohr, Sampling: Design and Analysis (2nd ed.), section 4.2; Cochran, Sampling Techniques (3rd ed.), 2.12–2.13.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from services.reporting.estimators import (
    Design,
    Estimate,
    Group,
    answering,
    count_of,
    degrees_of_freedom,
    kish,
    linearised,
    t_interval,
    variance_of_total,
    weighted_mean,
)


def difference(groups: Sequence[Group], design: Design, first: str, second: str) -> Estimate | None:
    """Mean of domain `first` − mean of domain `second`, with their covariance. None when either has no answer."""
    parts = [domain(groups, first), domain(groups, second)]
    if not all(answering(part) for part in parts):
        return None
    means = [weighted_mean(answering(part)) for part in parts]
    scores = [a - b for a, b in zip(*(linearised(p, m) for p, m in zip(parts, means, strict=True)), strict=True)]
    variance = variance_of_total(scores, groups, design)
    inside = answering(_restricted(groups, lambda g: g.domain in (first, second)))
    value, df = means[0] - means[1], degrees_of_freedom(inside)
    low, high = t_interval(value, math.sqrt(variance), df)
    return Estimate(value, math.sqrt(variance), low, high, count_of(inside), df, None, kish(inside))


def standardised(groups: Sequence[Group], design: Design, mix: Mapping[str, float]) -> Estimate | None:
    """Σ m_d ȳ_d over domains d with fixed shares m (direct standardisation).

    The domains that answered take the shares of those that did not in proportion. None when nobody of `mix` answered.
    """
    parts = {name: domain(groups, name) for name in sorted(mix)}
    heard = {name: part for name, part in parts.items() if answering(part) and mix[name] > 0}
    if not heard:
        return None
    whole = math.fsum(mix[name] for name in heard)
    share = {name: mix[name] / whole for name in heard}
    means = {name: weighted_mean(answering(part)) for name, part in heard.items()}
    columns = [[share[name] * u for u in linearised(part, means[name])] for name, part in heard.items()]
    scores = [math.fsum(row) for row in zip(*columns, strict=True)]
    value = math.fsum(share[name] * means[name] for name in heard)
    inside = answering(_restricted(groups, lambda g: g.domain in heard))
    se, df = math.sqrt(variance_of_total(scores, groups, design)), degrees_of_freedom(inside)
    low, high = t_interval(value, se, df)
    return Estimate(value, se, low, high, count_of(inside), df, None, kish(inside))


def domain(groups: Sequence[Group], name: str) -> list[Group]:
    """The same respondents, with the values of one domain only."""
    return _restricted(groups, lambda g: g.domain == name)


def _restricted(groups: Iterable[Group], keep: Callable[[Group], bool]) -> list[Group]:
    return [g if keep(g) else Group(g.stratum, g.weight, None, g.count, g.base, g.domain) for g in groups]
