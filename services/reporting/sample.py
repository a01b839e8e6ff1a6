"""The answers of a report with their weights: every estimate is one group-by over it and one formula, pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from contracts.vocabulary import Cell
from services.reporting import domains, estimators
from services.reporting.estimators import Estimate, Group
from services.reporting.figures import KINDS, FigureKind, value_of
from services.reporting.ledger import Ledger
from services.reporting.regression import Observation
from services.reporting.weights import CellKey, Tally, Weighting, weighting

EVERYTHING = pl.lit(True)


@dataclass(frozen=True)
class Sample:
    """`answers`: counted responses that have a weight, with `weight`, `layer` and `inside`.

    Answers not `inside` (another week of the month) belong to the design and to no figure: a figure of a part is a
    domain estimate. `population` N of each layer.
    """

    answers: pl.DataFrame
    population: Mapping[str, float | None]

    @cached_property
    def inside(self) -> pl.DataFrame:
        """The answers of the period itself."""
        return self.answers.filter("inside")

    def values(self, name: str) -> Sequence[str]:
        """What a column of the answers inside holds, sorted."""
        if name not in self._values:
            self._values[name] = self.inside[name].drop_nulls().unique().sort().to_list()
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, list[str]]:
        return {}

    def figure(self, key: str, within: pl.Expr = EVERYTHING) -> Estimate | None:
        """One of `figures.KINDS` over the answers `within`."""
        return self.estimate(KINDS[key], value_of(key), within)

    def estimate(self, kind: FigureKind, value: pl.Expr, within: pl.Expr = EVERYTHING) -> Estimate | None:
        rule = estimators.proportion if kind is FigureKind.SHARE else estimators.mean
        return rule(self._groups(value, within, pl.lit("")), self.population)

    def difference(self, value: pl.Expr, domain: pl.Expr, first: str, second: str) -> Estimate | None:
        """Mean of the domain named `first` − mean of `second`, with their covariance."""
        groups = self._groups(value, EVERYTHING, domain)
        return domains.difference(groups, self.population, first, second)

    def standardised(self, value: pl.Expr, domain: pl.Expr, mix: Mapping[str, float]) -> Estimate | None:
        """The figure with every domain at its share in `mix`."""
        return domains.standardised(self._groups(value, EVERYTHING, domain), self.population, mix)

    def observations(self, response: str, predictors: Sequence[str]) -> list[Observation]:
        """Answers counted by equal values; `x` None where one of them is missing or the answer lies outside."""
        columns = ["layer", "weight", "inside", response, *predictors]
        tally = self.answers.group_by(columns).len().sort(columns)
        found = []
        for layer, weight, inside, y, *rest in tally.iter_rows():
            x, number = rest[:-1], rest[-1]
            complete = inside and y is not None and None not in x
            told = tuple(float(one) for one in x) if complete else None
            found.append(Observation(layer, weight, number, float(y or 0), told))
        return found

    def _groups(self, value: pl.Expr, within: pl.Expr, domain: pl.Expr) -> list[Group]:
        keys = ["layer", "weight", "value", "domain"]
        tally = (
            self.answers.select(
                "layer",
                "weight",
                value=pl.when(pl.col("inside") & within).then(value),
                domain=domain.fill_null("").cast(pl.String),
            )
            .group_by(keys)
            .len()
            .sort(keys)
        )
        return [
            Group(layer, weight, answer, number, domain=name)
            for layer, weight, answer, name, number in tally.iter_rows()
        ]


def tallies(ledger: Ledger, counted: pl.DataFrame) -> list[Tally]:
    """N, n and r of every cell of one sampling period."""
    answered = {
        CellKey(stratum, version, Cell(cell)): number
        for stratum, version, cell, number in counted.group_by("stratum", "rate_version", "cell").len().iter_rows()
    }
    return [Tally(cell.key, cell.accepted, cell.selected, answered.get(cell.key, 0)) for cell in ledger.cells]


@dataclass(frozen=True)
class Weighed:
    """The counted answers of one sampling period with `weight` and `layer`, and N of each layer."""

    answers: pl.DataFrame
    population: Mapping[str, float | None]


def weighed(period: str, ledger: Ledger, counted: pl.DataFrame) -> Weighed:
    """Layers carry the month's name: months are strata."""
    weights = weighting(tallies(ledger, counted))
    population = {_layer(period, name): size for name, size in weights.population.items()}
    return Weighed(_with_weights(period, counted, weights), population)


def sample_of(parts: Sequence[Weighed], inside: pl.Expr) -> Sample:
    population = {name: size for part in parts for name, size in part.population.items()}
    return Sample(pl.concat(part.answers for part in parts).with_columns(inside=inside), population)


def _with_weights(period: str, counted: pl.DataFrame, weights: Weighting) -> pl.DataFrame:
    cells = sorted(weights.weight)
    table = pl.DataFrame(
        {
            "stratum": [cell.stratum for cell in cells],
            "rate_version": [cell.rate_version for cell in cells],
            "cell": [cell.cell.value for cell in cells],
            "weight": [weights.weight[cell] for cell in cells],
            "layer": [_layer(period, weights.layer[cell]) for cell in cells],
        },
        schema={
            "stratum": pl.String,
            "rate_version": pl.Int32,
            "cell": pl.String,
            "weight": pl.Float64,
            "layer": pl.String,
        },
    )
    return counted.join(table, on=["stratum", "rate_version", "cell"], how="inner", maintain_order="left")


def _layer(period: str, name: str) -> str:
    return f"{period} · {name}"
