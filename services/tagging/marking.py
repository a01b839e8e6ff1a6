"""A text cut into marked and unmarked pieces, so that a page can show the evidence of every tag."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.events.tagging import Tag


@dataclass(frozen=True)
class Piece:
    text: str
    codes: tuple[str, ...]
    """Tags whose evidence this is; empty: unmarked."""


def pieces(question_id: str, text: str, tags: Sequence[Tag]) -> list[Piece]:
    """In order and complete: joined they are the text again. Spans may overlap or lie outside the text."""
    marks = [
        (max(0, span.start), min(len(text), span.end), tag.code)
        for tag in tags
        for span in tag.spans
        if span.question_id == question_id
    ]
    edges = sorted({0, len(text), *(e for begin, end, _code in marks if begin < end for e in (begin, end))})
    found = []
    for begin, end in pairwise(edges):
        codes = tuple(dict.fromkeys(code for b, e, code in marks if b <= begin and end <= e))
        found.append(Piece(text[begin:end], codes))
    return found
