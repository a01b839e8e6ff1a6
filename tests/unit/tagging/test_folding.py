import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from services.tagging.folding import folded

_TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ＡＢｃ，！㎡①ﬁﷺİ　…")), max_size=40)


def test_widths_and_cases_become_one() -> None:
    assert folded("ＡＰＰ　很ＯＫ，㎡！").text == "app 很ok,m2!"


def test_a_character_that_becomes_several_is_marked_whole() -> None:
    fold = folded("约㎡价")
    assert fold.text == "约m2价"
    assert fold.original(2, 3) == (1, 2)


@given(_TEXTS)
def test_every_character_lies_in_the_original_and_in_its_order(text: str) -> None:
    fold = folded(text)
    bounds = [fold.original(at, at + 1) for at in range(len(fold.text))]
    assert bounds == sorted(bounds)
    assert all(0 <= start < end <= len(text) for start, end in bounds)


@given(_TEXTS, st.data())
def test_a_cut_of_the_folded_text_is_in_the_fold_of_the_cut_of_the_original(text: str, data: st.DataObject) -> None:
    fold = folded(text)
    if not fold.text:
        return
    start = data.draw(st.integers(0, len(fold.text) - 1))
    end = data.draw(st.integers(start + 1, len(fold.text)))
    begin, stop = fold.original(start, end)
    assert fold.text[start:end] in "".join(unicodedata.normalize("NFKC", one).lower() for one in text[begin:stop])
