from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tagging.finding import find, longest
from services.tagging.folding import folded
from services.tagging.labelled import sentences
from services.tagging.lexicon import HERE, Lexicon
from services.tagging.matching import Group, Occurrence, Term, Words, word_borders


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


@given(st.text(alphabet="修得很慢火车站海关门，。、！ .~-ab12", max_size=30))
def test_words_meet_where_the_whole_text_is_cut(text: str) -> None:
    words = Words(text)
    assert {at for at in range(len(text) + 1) if words.meet(at)} == word_borders(text)


def test_words_meet_in_the_labelled_sentences_where_the_whole_text_is_cut() -> None:
    for sentence in sentences():
        words = Words(text := folded(sentence.text).text)
        assert {at for at in range(len(text) + 1) if words.meet(at)} == word_borders(text)


TEXT = "修得很慢火车站海关门外"


def an_occurrence(start: int, length: int, group: Group, begins: bool, ends: bool) -> Occurrence:
    term = Term("x" * length, "", group, "", wants_negation=False, begins=begins, ends=ends, vocabulary=0)
    return start, start + length, term, (start + length, start + length)


_GROUPS = st.sampled_from([Group.PROBLEM, Group.PRAISE, Group.IGNORE])
_OCCURRENCES = st.builds(an_occurrence, st.integers(0, 5), st.integers(1, 6), _GROUPS, st.booleans(), st.booleans())


@given(st.lists(_OCCURRENCES, max_size=8))
def test_a_term_inside_a_longer_one_of_its_group_or_an_ignored_one_is_hidden_but_not_by_half_a_word(
    found: list[Occurrence],
) -> None:
    borders = word_borders(TEXT)
    words = [
        (start, end, term, gap)
        for start, end, term, gap in found
        if (not term.begins or start in borders) and (not term.ends or end in borders)
    ]

    def hidden(start: int, end: int, group: Group) -> bool:
        return any(
            term.group in (group, Group.IGNORE) and begin <= start and end <= stop and stop - begin > end - start
            for begin, stop, term, _ in words
        )

    wanted = [one for one in words if one[2].group is not Group.IGNORE and not hidden(*one[:2], one[2].group)]
    assert sorted(longest(found, Words(TEXT))) == sorted(wanted)
