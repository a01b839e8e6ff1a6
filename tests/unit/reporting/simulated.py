"""Synthetic months with a known truth: what everybody would have answered is known, and a sample is drawn.

Certainty strata, small strata, rates near 10 %, two non-response cells, about 40 % non-response that differs between
strata. Everything is counted by equal answers, so that 2,000 months take seconds.
"""

import bisect
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from contracts.vocabulary import Cell
from services.reporting.estimators import Estimate, Group, mean, proportion
from services.reporting.weights import CellKey, Tally, weighting


@dataclass(frozen=True)
class Stratum:
    """`scores`: shares of the scores 1 to 5. `answering`: chance that a selected service answers, by cell."""

    name: str
    size: int
    rate: float
    scores: tuple[float, float, float, float, float]
    answering: tuple[float, float]
    repeats: float = 0.15


STRATA = (
    Stratum("complaint", 130, 1.0, (0.30, 0.25, 0.20, 0.15, 0.10), (0.75, 0.65)),
    Stratum("vip", 90, 1.0, (0.02, 0.03, 0.10, 0.35, 0.50), (0.70, 0.55)),
    Stratum("after_sale/a", 1_500, 0.120, (0.02, 0.03, 0.10, 0.35, 0.50), (0.64, 0.52)),
    Stratum("after_sale/other", 600, 0.131, (0.16, 0.20, 0.26, 0.24, 0.14), (0.32, 0.25)),
    Stratum("installation/other", 250, 0.149, (0.03, 0.05, 0.17, 0.40, 0.35), (0.58, 0.45)),
    Stratum("consultation/other", 28, 1.0, (0.05, 0.10, 0.25, 0.35, 0.25), (0.50, 0.40)),
)

Kind = tuple[str, Cell, int]
"""Stratum, cell, score."""
Population = Mapping[Kind, int]
VALUES: Mapping[str, Callable[[int], float]] = {
    "mean": float,
    "share": lambda score: float(score >= 4),
    "nps": lambda score: {5: 100.0, 4: 0.0}.get(score, -100.0),
}
"""What one answer adds. Who gives 5 recommends, who gives 4 is passive, the others are detractors."""


def a_population(chance: Random) -> dict[Kind, int]:
    """How many services of each kind a month has. Those called before are somewhat less content."""
    found: dict[Kind, int] = defaultdict(int)
    for stratum in STRATA:
        for _service in range(stratum.size):
            cell = Cell.REPEAT if chance.random() < stratum.repeats else Cell.FIRST
            score = chance.choices((1, 2, 3, 4, 5), stratum.scores)[0]
            if cell is Cell.REPEAT and score > 1 and chance.random() < 0.3:
                score -= 1
            found[(stratum.name, cell, score)] += 1
    return dict(sorted(found.items()))


def truth(population: Population, figure: str) -> float:
    total = sum(population.values())
    return math.fsum(number * VALUES[figure](kind[2]) for kind, number in population.items()) / total


@dataclass(frozen=True)
class Drawn:
    """Selected and answered services of each kind."""

    selected: Mapping[Kind, int]
    answered: Mapping[Kind, int]


def drawn(population: Population, chance: Random, lean: Mapping[int, float] | None = None) -> Drawn:
    """A draw of every service at its rate, and who of the drawn answers.

    `lean`: chance of answering by score instead; then the answers depend on what would have been answered.
    """
    known = {stratum.name: stratum for stratum in STRATA}
    selected, answered = {}, {}
    for kind, number in population.items():
        stratum = known[kind[0]]
        willing = lean[kind[2]] if lean else stratum.answering[kind[1] is Cell.REPEAT]
        selected[kind] = number if stratum.rate == 1 else _successes(number, stratum.rate, chance)
        answered[kind] = _successes(selected[kind], willing, chance)
    return Drawn(selected, answered)


def weighted(population: Population, sample: Drawn) -> dict[str, Estimate]:
    """As the reports do it: the project's own weights and estimators."""
    cells: dict[CellKey, list[int]] = defaultdict(lambda: [0, 0, 0])
    for column, counts in enumerate((population, sample.selected, sample.answered)):
        for (stratum, cell, _score), number in counts.items():
            cells[CellKey(stratum, 1, cell)][column] += number
    design = weighting(Tally(key, *counts) for key, counts in cells.items())
    weights = {(key.stratum, key.cell): weight for key, weight in design.weight.items()}
    layers = {(key.stratum, key.cell): layer for key, layer in design.layer.items()}
    rows = [
        (layers[kind[:2]], weights[kind[:2]], kind[2], number) for kind, number in sample.answered.items() if number
    ]
    return _estimates(rows, design.population)


def by_inclusion(_population: Population, sample: Drawn) -> dict[str, Estimate]:
    """Weights 1/π alone: as if all strata answered at one rate."""
    rates = {stratum.name: stratum.rate for stratum in STRATA}
    rows = [(kind[0], 1 / rates[kind[0]], kind[2], number) for kind, number in sample.answered.items() if number]
    return _estimates(rows, {stratum.name: float(stratum.size) for stratum in STRATA})


def raw(_population: Population, sample: Drawn) -> dict[str, Estimate]:
    """The plain mean with the interval of a plain sample."""
    rows = [("all", 1.0, kind[2], number) for kind, number in sample.answered.items() if number]
    return _estimates(rows, {"all": None})


def _estimates(rows: list[tuple[str, float, int, int]], sizes: Mapping[str, float | None]) -> dict[str, Estimate]:
    """The same answers as mean, as share and as recommendation; kinds that add the same are counted together."""
    found = {}
    for figure, value in VALUES.items():
        tally: dict[tuple[str, float, float], int] = defaultdict(int)
        for layer, weight, score, number in rows:
            tally[(layer, weight, value(score))] += number
        groups = [Group(layer, weight, added, number) for (layer, weight, added), number in tally.items()]
        estimate = (proportion if figure == "share" else mean)(groups, sizes)
        assert estimate is not None
        found[figure] = estimate
    return found


Method = Callable[[Population, Drawn], dict[str, Estimate]]


def months(number: int, seed: int, lean: Mapping[int, float] | None = None) -> Iterator[tuple[Population, Drawn]]:
    """A new population every 50 months."""
    chance = Random(seed)
    population: dict[Kind, int] = {}
    for month in range(number):
        if month % 50 == 0:
            population = a_population(chance)
        yield population, drawn(population, chance, lean)


def coverage(of: list[tuple[Population, Drawn]], method: Method) -> dict[str, float]:
    """By figure, the share of the months whose 95 % interval holds the truth."""
    hits = dict.fromkeys(VALUES, 0)
    truths: dict[int, dict[str, float]] = {}
    for population, sample in of:
        true = truths.setdefault(id(population), {figure: truth(population, figure) for figure in VALUES})
        for figure, found in method(population, sample).items():
            assert found.low is not None
            assert found.high is not None
            hits[figure] += found.low <= true[figure] <= found.high
    return {figure: number / len(of) for figure, number in hits.items()}


def by_customer(chance: Random, *, customers: int, together: float, copies: int = 200) -> tuple[float, float]:
    """Standard error of the formula, and of a bootstrap that draws whole customers.

    Each customer has three services in one stratum; `together` is the chance that an answer repeats the first.
    """
    answers = []
    for _customer in range(customers):
        first = chance.choices((1, 2, 3, 4, 5), STRATA[2].scores)[0]
        rest = [first if chance.random() < together else chance.choices((1, 2, 3, 4, 5), STRATA[2].scores)[0]
                for _service in range(2)]  # fmt: skip
        answers.append([first, *rest])
    groups = [Group("h", 10.0, float(score)) for scores in answers for score in scores]
    formula = mean(groups, {"h": None})
    assert formula is not None
    means = []
    for _copy in range(copies):
        again = chance.choices(answers, k=customers)
        means.append(sum(map(sum, again)) / (3 * customers))
    centre = math.fsum(means) / copies
    return formula.se, math.sqrt(math.fsum((one - centre) ** 2 for one in means) / (copies - 1))


def _successes(trials: int, probability: float, chance: Random) -> int:
    """One draw of Binomial(trials, probability), by its distribution function."""
    return bisect.bisect_left(_distribution(trials, probability), chance.random())


@cache
def _distribution(trials: int, probability: float) -> list[float]:
    """P(X ≤ k) for k from 0; the last is 1."""
    odds = math.log(probability) - math.log1p(-probability)
    total, found = 0.0, []
    for k in range(trials + 1):
        choose = math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        total += math.exp(choose + k * odds + trials * math.log1p(-probability))
        found.append(total)
    found[-1] = 1.0
    return found
