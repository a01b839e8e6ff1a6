"""A text in one width and case, with the way back to the text as it was given. Pure."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_FULL_WIDTH = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
"""Full width and its half width, which keeps every offset."""
_USUAL = tuple((mark, _FULL_WIDTH[ord(mark)]) for mark in "，！？；：（）")
"""All that most Chinese texts hold of full width. To replace these is quicker than to look each character up."""


class Folded(NamedTuple):
    """`offsets[i]`: where character i of `text` stands in the original, one more for its end; None: at i."""

    text: str
    offsets: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Bounds in the original of the characters `start` to `end`; never empty, never half a character."""
        return (start, end) if self.offsets is None else (self.offsets[start], self.offsets[end - 1] + 1)


def folded(text: str) -> Folded:
    """NFKC and lower case, character by character: full width becomes half width, ㎡ becomes m2."""
    halved = text
    for full, half in _USUAL:
        halved = halved.replace(full, half)
    if not unicodedata.is_normalized("NFKC", halved):
        halved = text.translate(_FULL_WIDTH)
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
