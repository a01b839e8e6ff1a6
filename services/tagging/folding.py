"""A text in one width and case, with the way back to the text as it was given. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_ONE_FOR_ONE = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
"""Full width and its half width: what Chinese texts are full of, and what keeps every offset."""


@dataclass(frozen=True, slots=True)
class Folded:
    """`offsets[i]`: where character i of `text` stands in the original; one more for its end."""

    text: str
    offsets: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Bounds in the original of the characters `start` to `end`; never empty, never half a character."""
        return self.offsets[start], self.offsets[end - 1] + 1


def folded(text: str) -> Folded:
    """NFKC and lower case, character by character: full width becomes half width, ㎡ becomes m2."""
    halved = text.translate(_ONE_FOR_ONE)
    if unicodedata.is_normalized("NFKC", halved) and len(lower := halved.lower()) == len(text):
        return Folded(lower, range(len(text) + 1))
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).lower():
            characters.append(part)
            offsets.append(offset)
    offsets.append(len(text))
    return Folded("".join(characters), offsets)
