"""Strata in which chance selected fewer than the floor; nothing is topped up, it is told."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.scheduler.policy import PolicySet
from services.scheduler.sampling import LedgerEntry, floor_of, strata


@dataclass(frozen=True)
class Shortfall:
    """`selected` of `accepted` completions of a stratum, where its policy asks for `floor`."""

    stratum: str
    accepted: int
    selected: int
    floor: int


def shortfalls(frame: Iterable[LedgerEntry], policies: PolicySet) -> list[Shortfall]:
    """By stratum over all rate versions, held to the ratio in force at the end of the period."""
    accepted: Counter[str] = Counter()
    selected: Counter[str] = Counter()
    for entry in frame:
        accepted[entry.stratum] += 1
        selected[entry.stratum] += entry.selected
    found = []
    known = strata(policies)
    for stratum, count in sorted(accepted.items()):
        policy = known.get(stratum)
        floor = count if policy is None or policy.sampling.certainty else floor_of(count, policy.sampling.ratio)
        if stratum in known and selected[stratum] < floor:
            found.append(Shortfall(stratum, count, selected[stratum], floor))
    return found
