"""How alike two texts are: shared pairs of characters, which needs no dictionary and works in Chinese and English."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

USUAL_THRESHOLD = 0.5
"""Short sentences of one wish in other words score 0.5 and more, of different wishes under 0.35 (tests)."""
MOST_SHARED = 200
"""A pair of characters that more texts share tells nothing of any of them."""
_FRAMES = re.compile("希望|建议|能不能|能否|可不可以|是否可以|最好|please|could you|i wish|i would like")
"""How a wish begins says nothing of what is wished for."""


@dataclass(frozen=True)
class Alike:
    """`one` < `other`; `similarity` from 0 to 1."""

    one: str
    other: str
    similarity: float


def grams(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters and digits, after NFKC and case folding; a single one stands for itself."""
    folded = _FRAMES.sub("", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(c for c in folded if c.isalnum())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset(plain)


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice coefficient 2|A∩B| / (|A|+|B|) (Dice 1945, Ecology 26:297); 0 when one of them is empty."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def alike(texts: Mapping[str, str], threshold: float) -> list[Alike]:
    """Every pair at or over the threshold, the most alike first."""
    found = {name: grams(text) for name, text in texts.items()}
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for name, own in found.items():
        for gram in own:
            holders[gram].append(name)
    shared: Counter[tuple[str, str]] = Counter()
    for names in holders.values():
        if len(names) <= MOST_SHARED:
            ordered = sorted(names)
            shared.update((one, other) for i, one in enumerate(ordered) for other in ordered[i + 1 :])
    scored = (Alike(*pair, similarity(found[pair[0]], found[pair[1]])) for pair in shared)
    return sorted(
        (pair for pair in scored if pair.similarity >= threshold), key=lambda p: (-p.similarity, p.one, p.other)
    )
