"""A text in one width and case, with the way back to the text as it was given. Pure."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_FULL_WIDTH = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_ONE_FOR_ONE = "".join(_FULL_WIDTH.get(code, chr(code)) for code in range(0x10000))
"""Full width and its half width: what Chinese texts are full of, and what keeps every offset.

A character for every code point, because `str.translate` is slow about those that a mapping leaves out.
"""


class Folded(NamedTuple):
    """`offsets[i]`: where character i of `text` stands in the original, one more for its end; None: at i."""

    text: str
    offsets: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Bounds in the original of the characters `start` to `end`; never empty, never half a character."""
        return (start, end) if self.offsets is None else (self.offsets[start], self.offsets[end - 1] + 1)


def folded(text: str) -> Folded:
    """NFKC and lower case, character by character: full width becomes half width, ㎡ becomes m2."""
    halved = text.translate(_ONE_FOR_ONE)
    if unicodedata.is_normalized("NFKC", halved) and len(lower := halved.lower()) == len(text):
        return Folded(lower)
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).lower():
            characters.append(part)
            offsets.append(offset)
    offsets.append(len(text))
    return Folded("".join(characters), offsets)
