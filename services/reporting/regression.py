"""How much each dimension weighs in the overall score: one weighted regression on all of them at once, pure.

Source: Lohr, Sampling: Design and Analysis (2nd ed.), section 11.2; Binder, International Statistical Review 51 (1983),
279–292 (linearised variance of the slopes). B solves Σ w x (y − x'B) = 0; the scores of slope j are
w e (A⁻¹x)_j with A = Σ w x x', and their variance is that of a total over the strata.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.reporting.estimators import Estimate, Group, t_interval, variance_of_total

Vector = list[float]
Matrix = list[Vector]

_SINGULAR = 1e-9


@dataclass(frozen=True, slots=True)
class Observation:
    """`count` answers of one stratum with the same values; `x` None: in the design, outside the regression."""

    stratum: str
    weight: float
    count: int
    y: float
    x: tuple[float, ...] | None


def slopes(observations: Sequence[Observation], population: Mapping[str, float | None]) -> list[Estimate] | None:
    """One estimate per predictor, t interval with df = answers − strata − predictors.

    None where the answers cannot tell the predictors apart (too few, or one follows from the others).
    """
    used = [(o, (1.0, *o.x)) for o in observations if o.x is not None and o.count > 0]
    n = sum(o.count for o, _x in used)
    if not used:
        return None
    size = len(used[0][1])
    df = n - len({o.stratum for o, _x in used}) - (size - 1)
    inverse = _inverse(
        [[math.fsum(o.count * o.weight * x[i] * x[j] for o, x in used) for j in range(size)] for i in range(size)]
    )
    if inverse is None or df < 1:
        return None
    moments = [math.fsum(o.count * o.weight * x[i] * o.y for o, x in used) for i in range(size)]
    found = [math.fsum(row[i] * moments[i] for i in range(size)) for row in inverse]
    groups = [Group(o.stratum, o.weight, None if o.x is None else o.y, o.count) for o in observations]
    kish = _kish(used)
    estimates = []
    for j in range(1, size):
        scores = [_score(o, found, inverse[j]) for o in observations]
        se = math.sqrt(variance_of_total(scores, groups, population))
        low, high = t_interval(found[j], se, df)
        estimates.append(Estimate(found[j], se, low, high, n, df, None, kish))
    return estimates


def _score(one: Observation, found: Vector, row: Vector) -> float:
    if one.x is None:
        return 0.0
    x = (1.0, *one.x)
    error = one.y - math.fsum(b * value for b, value in zip(found, x, strict=True))
    return one.weight * error * math.fsum(a * value for a, value in zip(row, x, strict=True))


def _kish(used: Sequence[tuple[Observation, tuple[float, ...]]]) -> float:
    total = math.fsum(o.count * o.weight for o, _x in used)
    return total * total / math.fsum(o.count * o.weight * o.weight for o, _x in used)


def _inverse(matrix: Matrix) -> Matrix | None:
    """Gauss and Jordan with the largest pivot; None for a matrix that is singular to nine digits."""
    size = len(matrix)
    scale = max(abs(value) for row in matrix for value in row)
    work = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row][column]))
        if abs(work[pivot][column]) <= _SINGULAR * scale:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        lead = work[column][column]
        work[column] = [value / lead for value in work[column]]
        for row in range(size):
            factor = work[row][column]
            if row != column and factor:
                work[row] = [a - factor * b for a, b in zip(work[row], work[column], strict=True)]
    return [row[size:] for row in work]
