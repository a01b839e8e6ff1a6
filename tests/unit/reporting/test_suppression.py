"""What is hidden stays hidden, also from those who subtract."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.figure import Refusal
from services.reporting.suppression import MERGED, hidden, restricted
from tests.unit.reporting.builders import a_report

K = 5
cells = st.lists(st.integers(0, 12), min_size=1, max_size=6)


@given(cells)
def test_no_small_cell_is_shown_and_what_is_left_hides_at_least_two_with_k_answers(counts: list[int]) -> None:
    gone = hidden(counts, K)
    assert all(count == 0 or count >= K for position, count in enumerate(counts) if position not in gone)
    shown = [count for position, count in enumerate(counts) if position not in gone]
    if gone and any(shown):
        assert len(gone) >= 2
        assert sum(counts[position] for position in gone) >= K


@given(st.lists(st.integers(0, 8), min_size=2, max_size=3))
def test_subtraction_does_not_undo_it(counts: list[int]) -> None:
    """Whoever knows the total, the shown cells and the rule still finds several answers for every hidden cell."""
    gone = sorted(hidden(counts, K))
    if len(gone) < 2 or sum(counts) < K:  # of a whole below k not even the total is told
        return
    rest = sum(counts) - sum(count for position, count in enumerate(counts) if position not in gone)
    ways = [guess for guess in product(range(1, rest + 1), repeat=len(gone)) if sum(guess) == rest and min(guess) < K]
    for position, _cell in enumerate(gone):
        assert len({way[position] for way in ways}) >= 2, (counts, gone)


def test_a_table_without_small_cells_is_shown_whole() -> None:
    assert hidden([5, 0, 80], K) == frozenset()


def test_one_small_cell_takes_the_smallest_other_with_it() -> None:
    assert hidden([2, 60, 9, 80], K) == {0, 2}


def test_two_small_cells_that_are_few_together_take_a_third() -> None:
    assert hidden([1, 2, 9, 80], K) == {0, 1, 2}


def test_a_reader_without_case_access_gets_no_small_cell_of_a_report() -> None:
    report = a_report({"after_sale/a": 40, "after_sale/other": 3, "complaint": 12}, channels={"phone": 52, "sms": 3})
    told = restricted(report, K)
    assert [(row.stratum, row.answered) for row in told.content.summary.strata] == [("after_sale/a", 40), (MERGED, 15)]
    mix = {row.channel: row.overall for row in told.content.channels.mix}
    assert {name: figure.refused for name, figure in mix.items()} == {
        "phone": Refusal.SUPPRESSED,
        "sms": Refusal.SUPPRESSED,
    }
    assert mix["sms"].n is None
    assert not told.content.anomalies
    assert not told.content.people.agents
    assert not any(row.cases for row in told.content.problems.by_department)
    assert told.content.conclusions.satisfaction == report.content.conclusions.satisfaction


def test_a_report_of_few_answers_tells_no_figure_at_all() -> None:
    told = restricted(a_report({"complaint": 3}), K).content
    assert all(figure.estimate is None for figure in told.summary.figures.values())
    assert told.conclusions.satisfaction.refused is Refusal.SUPPRESSED
