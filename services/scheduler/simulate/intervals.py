"""How wide the 95 % interval of a stratum will be, from the sampling design and the observed response rate.

Cochran, Sampling Techniques, 3rd ed., 2.14 and 5.5: the variance of a mean of r answers out of N is (1 − r/N) s²/r,
that of a stratified mean Σ W_h² (1 − r_h/N_h) s²/r_h with W_h = N_h/N. r is expected: selected × response rate.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

Z = 1.959964  # normal, 95 %, two-sided
SHARE_SD = 0.5
"""Of a share of 50 %, the widest that a share can be."""
FEWEST = 2
"""With fewer expected answers no variance can be estimated."""
OVERALL = "overall"


@dataclass(frozen=True)
class Responses:
    """`answered` of `closed` drawn callbacks gave an answer."""

    answered: int
    closed: int

    @property
    def rate(self) -> float | None:
        return self.answered / self.closed if self.closed else None


@dataclass(frozen=True)
class Width:
    """`share`, `mean`: expected half-widths of a share of 50 % and of a mean; None with fewer than 2 answers."""

    stratum: str
    frame: int
    selected: int
    response_rate: float | None
    expected: float
    share: float | None
    mean: float | None


@dataclass(frozen=True)
class Rates:
    """Observed response rates by stratum; where nothing was observed those of its scenario, else of everything."""

    by_stratum: Mapping[str, Responses]

    def of(self, stratum: str) -> float | None:
        own = self.by_stratum.get(stratum)
        if own is not None and own.rate is not None:
            return own.rate
        scenario = stratum.partition("/")[0]
        near = [one for name, one in self.by_stratum.items() if name.partition("/")[0] == scenario]
        return _pooled(near).rate or _pooled(self.by_stratum.values()).rate


def width(stratum: str, *, frame: int, selected: int, rates: Rates, sd: float) -> Width:
    """`sd`: the assumed standard deviation of one answer on the scale of the mean."""
    rate = rates.of(stratum)
    expected = selected * (rate or 0.0)
    share, mean = (_half_width(frame, expected, assumed) for assumed in (SHARE_SD, sd))
    return Width(stratum, frame, selected, rate, expected, share, mean)


def overall(widths: Iterable[Width], *, sd: float) -> Width:
    """The stratified mean over the strata that will have an interval; `frame` counts only these."""
    strata = list(widths)
    wide = [one for one in strata if one.mean is not None]
    frame = sum(one.frame for one in wide)
    selected, expected = sum(one.selected for one in strata), sum(one.expected for one in strata)
    share, mean = (_stratified(wide, frame, assumed) for assumed in (SHARE_SD, sd))
    return Width(OVERALL, frame, selected, expected / selected if selected else None, expected, share, mean)


def _half_width(frame: int, expected: float, sd: float) -> float | None:
    return None if expected < FEWEST else Z * sqrt(_variance(frame, expected, sd))


def _stratified(wide: list[Width], frame: int, sd: float) -> float | None:
    if not frame:
        return None
    return Z * sqrt(sum((one.frame / frame) ** 2 * _variance(one.frame, one.expected, sd) for one in wide))


def _variance(frame: int, expected: float, sd: float) -> float:
    return max(0.0, 1 - expected / frame) * sd**2 / expected


def _pooled(found: Iterable[Responses]) -> Responses:
    counted = list(found)
    return Responses(sum(one.answered for one in counted), sum(one.closed for one in counted))
