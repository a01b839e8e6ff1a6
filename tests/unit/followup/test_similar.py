import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.similar import USUAL_THRESHOLD, alike, grams, similarity

SAME = [
    ("希望上门前能发短信通知", "建议上门之前先发短信通知一下"),
    ("建议增加周末上门维修服务", "希望周末也能上门维修"),
    ("please send a text message before the visit", "send text messages before visits, please"),
]
OTHER = [
    ("希望上门前能发短信通知", "建议增加周末上门维修服务"),
    ("说明书的字太小", "希望发票可以开电子版"),
    ("please send a text message before the visit", "the manual should be printed larger"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_wish_in_other_words_is_over_the_usual_threshold(one: str, other: str) -> None:
    assert similarity(grams(one), grams(other)) >= USUAL_THRESHOLD


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_wishes_stay_under_it(one: str, other: str) -> None:
    assert similarity(grams(one), grams(other)) < USUAL_THRESHOLD


def test_width_case_and_punctuation_do_not_matter() -> None:
    assert grams("ＡＢ，c！") == grams("abc")


def test_pairs_come_with_the_most_alike_first_and_none_below_the_threshold() -> None:
    texts = {"a": "希望上门前发短信", "b": "希望上门前能发短信", "c": "师傅上门之前请发一条短信", "d": "发票要电子版"}
    found = alike(texts, 0.5)
    assert [(pair.one, pair.other) for pair in found][:1] == [("a", "b")]
    assert [pair.similarity for pair in found] == sorted((pair.similarity for pair in found), reverse=True)
    assert all("d" not in (pair.one, pair.other) for pair in found)


@given(st.text(), st.text())
def test_it_is_symmetric_and_a_text_is_most_like_itself(one: str, other: str) -> None:
    a, b = grams(one), grams(other)
    assert similarity(a, b) == similarity(b, a) <= 1
    assert similarity(a, a) == (1 if a else 0)
