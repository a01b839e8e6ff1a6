"""The score of the demo: it accepts a month without defects, and each planted defect turns exactly its line red."""

import pytest

from launcher.demo.defects import DEFECTS
from launcher.demo.score import FACTS, all_found, score
from tests.unit.launcher.demo_builders import FlawlessMonth


def test_a_month_without_defects_finds_every_planted_fact() -> None:
    lines = score(FlawlessMonth().evidence())
    assert [line for line in lines if not line.holds] == []
    assert all_found(lines)
    assert [line.name for line in lines] == list(FACTS)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_turns_exactly_its_line_red(name: str) -> None:
    lines = score(DEFECTS[name].plant(FlawlessMonth().evidence()))
    assert [line.name for line in lines if not line.holds] == [DEFECTS[name].line]
    assert not all_found(lines)
