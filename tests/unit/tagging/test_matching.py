from pathlib import Path

import pytest

from services.tagging.finding import find
from services.tagging.lexicon import HERE, Lexicon
from services.tagging.matching import Group, word_borders


@pytest.fixture
def lexicon(tmp_path: Path) -> Lexicon:
    """The lexicon in use, with a term that must begin a word, and one that must end one."""
    file = tmp_path / "zh.toml"
    terms = (HERE / "lexicon" / "zh.toml").read_text(encoding="utf-8")
    file.write_text(terms.replace('"12315"', '"12315", "|海关", "火车|"'), encoding="utf-8")
    return Lexicon.read(HERE, instead=file)


def signs(text: str, lexicon: Lexicon) -> int:
    return sum(finding.group is Group.CUSTOMER for finding in find({"q": text}, lexicon))


def test_a_term_that_must_begin_a_word_is_not_found_in_the_middle_of_one(lexicon: Lexicon) -> None:
    assert signs("问过海关了", lexicon) == 1
    assert 1 not in word_borders("上海关门了")
    assert signs("上海关门了", lexicon) == 0


def test_a_term_that_must_end_a_word_is_not_found_at_the_beginning_of_one(lexicon: Lexicon) -> None:
    assert signs("坐火车来的", lexicon) == 1
    assert 2 not in word_borders("火车站")
    assert signs("火车站", lexicon) == 0


def test_borders_are_those_between_words_and_both_ends() -> None:
    assert word_borders("客服 很慢") >= {0, 2, 5}
