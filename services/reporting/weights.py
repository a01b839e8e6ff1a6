"""Design weights with their adjustment for non-response, pure.

h = stratum × rate version, c = cell: w = (N_h / n_h) · (n_hc / r_hc), with N accepted, n selected, r valid answers in
design. So the answers of a cell stand for the selected ones of that cell, and those of h for all N_h services.
Stated collapses: where a cell of h has at most one answer, the cells of h merge (w = N_h / r_h); a rate version without
an answer joins the neighbouring version of its stratum; a stratum without an answer is not covered, and is named.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.vocabulary import Cell


@dataclass(frozen=True, slots=True, order=True)
class CellKey:
    stratum: str
    rate_version: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one cell: N accepted in the frame, n selected of them, r valid answers in design."""

    key: CellKey
    accepted: int
    selected: int
    answered: int


@dataclass(frozen=True, slots=True)
class Weighting:
    """`weight` and `layer` of each cell that has answers; `population` N of each layer (h after the collapses)."""

    weight: dict[CellKey, float]
    layer: dict[CellKey, str]
    population: dict[str, float | None]
    uncovered: dict[str, int]
    """N of the strata that no answer speaks for."""
    merged: tuple[str, ...]
    """Layers whose cells were merged."""


def weighting(tallies: Iterable[Tally]) -> Weighting:
    """The weights of answers sum to N in every covered layer."""
    found = Weighting({}, {}, {}, {}, ())
    merged: list[str] = []
    strata: dict[str, list[Tally]] = defaultdict(list)
    for tally in sorted(tallies, key=lambda one: one.key):
        strata[tally.key.stratum].append(tally)
    for stratum, members in strata.items():
        if not sum(one.answered for one in members):
            found.uncovered[stratum] = sum(one.accepted for one in members)
            continue
        for versions in _layers(members):
            name = _name(stratum, versions)
            found.population[name] = float(sum(one.accepted for one in versions))
            if _weigh(found, name, versions):
                merged.append(name)
    return Weighting(found.weight, found.layer, found.population, found.uncovered, tuple(merged))


def _layers(members: Sequence[Tally]) -> list[list[Tally]]:
    """Rate versions in order; one without an answer joins the version before it, at the start the one after."""
    versions: dict[int, list[Tally]] = defaultdict(list)
    for one in members:
        versions[one.key.rate_version].append(one)
    layers: list[list[Tally]] = []
    for version in sorted(versions):
        silent = not sum(one.answered for one in versions[version])
        if layers and (silent or not sum(one.answered for one in layers[-1])):
            layers[-1].extend(versions[version])
        else:
            layers.append(list(versions[version]))
    return layers


def _name(stratum: str, members: Sequence[Tally]) -> str:
    versions = sorted({one.key.rate_version for one in members})
    return f"{stratum} · {'+'.join(map(str, versions))}"


def _weigh(found: Weighting, name: str, members: Sequence[Tally]) -> bool:
    """Writes the weights of one layer; True when its cells had to be merged."""
    accepted = sum(one.accepted for one in members)
    selected = sum(one.selected for one in members)
    by_cell = {cell: [one for one in members if one.key.cell is cell] for cell in Cell}
    n = {cell: sum(one.selected for one in ones) for cell, ones in by_cell.items()}
    r = {cell: sum(one.answered for one in ones) for cell, ones in by_cell.items()}
    thin = any(n[cell] > 0 and r[cell] <= 1 for cell in Cell)
    # more answers than selected services can only come from counts that are still on their way
    merge = thin or any(r[cell] > n[cell] for cell in Cell)
    for cell in Cell:
        for one in by_cell[cell]:
            if not r[cell]:
                continue
            found.layer[one.key] = name
            found.weight[one.key] = accepted / sum(r.values()) if merge else accepted / selected * n[cell] / r[cell]
    return merge and sum(1 for cell in Cell if n[cell] > 0) > 1
