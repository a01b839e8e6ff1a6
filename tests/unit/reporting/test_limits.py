from datetime import date

import pytest

from services.reporting.limits import Limits, Side, Target, Verdict, read_limits, verdict

SOLVED = Target(figure="solved", since=date(2026, 1, 1), value=0.85, good=Side.HIGH)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.86, 0.90, Verdict.MET),
        (0.85, 0.90, Verdict.MET),
        (0.80, 0.84, Verdict.MISSED),
        (0.80, 0.90, Verdict.UNDECIDED),
        (None, None, None),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(
    low: float | None, high: float | None, expected: Verdict | None
) -> None:
    assert verdict(low, high, SOLVED) is expected


def test_for_a_share_that_should_be_small_the_sides_change() -> None:
    small = SOLVED.model_copy(update={"good": Side.LOW})
    assert verdict(0.1, 0.2, small) is Verdict.MET
    assert verdict(0.9, 0.95, small) is Verdict.MISSED


def test_without_a_target_there_is_no_verdict() -> None:
    assert verdict(0.1, 0.2, None) is None


def test_a_new_row_does_not_move_an_old_report() -> None:
    raised = SOLVED.model_copy(update={"since": date(2026, 11, 1), "value": 0.9})
    limits = Limits(10, 5, (raised, SOLVED))
    assert limits.target("solved", date(2026, 10, 1)) == SOLVED
    assert limits.target("solved", date(2026, 11, 1)) == raised
    assert limits.target("solved", date(2025, 12, 1)) is None


def test_the_targets_of_the_shipped_file_are_those_of_the_requirements() -> None:
    limits = read_limits()
    values = {
        name: getattr(limits.target(name, date(2026, 10, 1)), "value", None)
        for name in ("solved", "attitude", "callback")
    }
    assert values == {"solved": 0.85, "attitude": 4.5, "callback": 4.5}
    assert limits.minimum_n == 10
