import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Cell
from services.reporting.weights import CellKey, Tally, weighting


def tally(
    accepted: int, selected: int, answered: int, *, stratum: str = "s", version: int = 1, cell: Cell = Cell.FIRST
) -> Tally:
    return Tally(CellKey(stratum, version, cell), accepted, selected, answered)


def test_without_cells_an_answer_stands_for_its_share_of_the_stratum() -> None:
    found = weighting([tally(100, 20, 8)])
    assert list(found.weight.values()) == [100 / 8]


def test_each_cell_answers_for_its_own_selected_services() -> None:
    found = weighting([tally(800, 80, 40), tally(200, 20, 5, cell=Cell.REPEAT)])
    assert found.weight[CellKey("s", 1, Cell.FIRST)] == pytest.approx(1000 / 100 * 80 / 40)
    assert found.weight[CellKey("s", 1, Cell.REPEAT)] == pytest.approx(1000 / 100 * 20 / 5)
    assert found.merged == ()


@pytest.mark.parametrize("answered", [0, 1])
def test_a_cell_with_at_most_one_answer_merges_within_its_stratum(answered: int) -> None:
    found = weighting([tally(800, 80, 40), tally(200, 20, answered, cell=Cell.REPEAT)])
    assert set(found.weight.values()) == {1000 / (40 + answered)}
    assert found.merged == ("s · 1",)


def test_rate_versions_are_strata_of_their_own() -> None:
    found = weighting([tally(100, 10, 5), tally(100, 50, 25, version=2)])
    assert found.population == {"s · 1": 100, "s · 2": 100}
    assert found.weight[CellKey("s", 1, Cell.FIRST)] == 20
    assert found.weight[CellKey("s", 2, Cell.FIRST)] == 4


def test_a_rate_version_without_answers_joins_its_neighbour() -> None:
    found = weighting([tally(100, 10, 0), tally(300, 50, 20, version=2)])
    assert found.population == {"s · 1+2": 400}
    assert set(found.weight.values()) == {20}


def test_a_stratum_without_answers_is_named_as_not_covered() -> None:
    found = weighting([tally(100, 10, 0), tally(50, 50, 30, stratum="complaint")])
    assert found.uncovered == {"s": 100}
    assert found.population == {"complaint · 1": 50}


@st.composite
def tallies(draw: st.DrawFn) -> list[Tally]:
    found = []
    for stratum in ("a", "b"):
        for version in (1, 2, 3):
            for cell in Cell:
                answered = draw(st.integers(0, 4))
                selected = answered + draw(st.integers(0, 4))
                accepted = selected + draw(st.integers(0, 30))
                found.append(tally(accepted, selected, answered, stratum=stratum, version=version, cell=cell))
    return found


@given(tallies())
def test_the_weights_of_the_answers_sum_to_the_services_they_stand_for(given_tallies: list[Tally]) -> None:
    found = weighting(given_tallies)
    totals: dict[str, float] = {}
    for one in given_tallies:
        if one.key in found.weight and one.answered:
            layer = found.layer[one.key]
            totals[layer] = totals.get(layer, 0.0) + found.weight[one.key] * one.answered
    assert totals == {layer: pytest.approx(size) for layer, size in found.population.items()}
    everything = sum(one.accepted for one in given_tallies)
    assert sum(size or 0 for size in found.population.values()) + sum(found.uncovered.values()) == everything
