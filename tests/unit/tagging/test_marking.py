from hypothesis import given
from hypothesis import strategies as st

from contracts.events.parts import Span
from contracts.events.tagging import Provenance, Tag
from contracts.vocabulary import ItemKind
from services.tagging.marking import Piece, pieces


def a_tag(code: str, start: int, end: int) -> Tag:
    span = Span(question_id="q", start=start, end=end)
    return Tag(code=code, kind=ItemKind.PROBLEM, spans=(span,), provenance=Provenance.RULE, version="1")


def test_evidence_is_marked_where_it_stands() -> None:
    assert pieces("q", "师傅态度差。", [a_tag("attitude", 2, 5)]) == [
        Piece("师傅", ()),
        Piece("态度差", ("attitude",)),
        Piece("。", ()),
    ]


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=4))
def test_the_pieces_are_the_text_again(text: str, spans: list[tuple[int, int]]) -> None:
    tags = [a_tag(f"t{number}", begin, end) for number, (begin, end) in enumerate(spans)]
    assert "".join(piece.text for piece in pieces("q", text, tags)) == text
