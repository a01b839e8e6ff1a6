"""The labelled sentences and what the lexicon in use makes of them."""

from pathlib import Path

import pytest

from services.tagging.labelled import Half, Measured, measured, sentences, table
from services.tagging.lexicon import shipped
from services.tagging.scoring import TAGS, Tally, tallies

FLOORS = {
    Half.DEVELOPMENT: {"precision": 0.85, "recall": 0.90},
    Half.TEST: {"precision": 0.72, "recall": 0.62},
}
"""For every tag: a change of the lexicon that falls below has broken something."""


@pytest.mark.parametrize("half", Half)
def test_no_tag_falls_below_its_floor(half: Half) -> None:
    found = measured(shipped(), half).tags
    weak = {
        (tag, name): value
        for tag in TAGS
        for name, value in (("precision", found[tag].precision), ("recall", found[tag].recall))
        if value is None or value < FLOORS[half][name]
    }
    assert weak == {}


@pytest.mark.parametrize("half", Half)
def test_over_all_tags_rules_are_more_often_right_than_that(half: Half) -> None:
    whole = _whole(measured(shipped(), half))
    assert (whole.precision or 0) >= 0.85
    assert (whole.recall or 0) >= 0.80


def test_there_are_enough_of_every_tag_in_both_halves_and_none_twice() -> None:
    texts = [sentence.text for sentence in sentences()]
    assert len(texts) >= 400
    assert len(set(texts)) == len(texts)
    for half in Half:
        for tag in TAGS:
            assert sum(tag in s.labels for s in sentences() if s.half is half) >= 10, (half, tag)
    assert {"after_sale", "complaint", "activation", "installation", "care"} <= {s.scenario for s in sentences()}


def test_a_text_is_on_the_same_side_whatever_stands_beside_it() -> None:
    halves = {sentence.text: sentence.half for sentence in sentences()}
    assert halves["热水器修了三回，打开还是冷水。"] is Half.TEST
    assert sorted(h.value for h in Half) == ["development", "test"]
    assert 0.4 < sum(half is Half.TEST for half in halves.values()) / len(halves) < 0.6


def test_precision_and_recall_count_by_tag() -> None:
    found = tallies([({"a", "b"}, {"a"}), ({"a"}, {"a", "c"}), (set(), {"a"})])
    assert found["a"] == Tally(right=2, wrong=0, missed=1)
    assert (found["b"].precision, found["b"].recall) == (0.0, None)
    assert (found["c"].precision, found["c"].recall) == (None, 0.0)
    assert found["a"].recall == pytest.approx(2 / 3)


def _whole(one: Measured) -> Tally:
    return sum(one.tags.values(), Tally())


def test_the_documented_figures_are_those_of_the_lexicon_in_use() -> None:
    page = (Path(__file__).parents[3] / "docs" / "tagging.md").read_text(encoding="utf-8")
    assert table(shipped()) in page, "run ./aftercall lexicon score --write"
