"""How often what is said is turned round: 不专业 once, 没有不耐烦 once, 不是没有敷衍 twice. Pure."""

import re

from services.tagging.lexicon import Vocabulary

CLAUSE_ENDS = frozenset(",。.!?;:\n、~")
"""In a folded text: ， is a comma there, … are three full stops."""
FARTHEST = 60
"""No negation reaches farther: who writes without any punctuation must not make the search long."""


class Negations:
    """The negations of one language, compiled.

    Longest first: 并没有 is one negation, not three; a word that only looks like a negation hides it.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        skipped, far, near = vocabulary.not_negations, vocabulary.far_negations, vocabulary.negations
        self._window = vocabulary.negation_window
        self._words = re.compile(f"(?:{_any(skipped)})|(?P<far>{_any(far)})|(?P<near>{_any(near)})")
        self._first = frozenset(word[0] for word in (*far, *near))
        """Most texts have none of these: then there is nothing to look for."""

    def count(self, text: str, start: int, gap: tuple[int, int]) -> int:
        """Negations before `start` (within the window, or reaching far in its clause) and in the gap."""
        inside = text[gap[0] : gap[1]]
        within = 0 if self._first.isdisjoint(inside) else self._count(inside, window=len(inside))
        least = max(0, start - FARTHEST)
        begin = max(least, *(text.rfind(end, least, start) + 1 for end in CLAUSE_ENDS))
        clause = text[begin:start]
        return within + (0 if self._first.isdisjoint(clause) else self._count(clause, window=self._window))

    def _count(self, words: str, *, window: int) -> int:
        begins = len(words) - window
        found = self._words.finditer(words)
        return sum(1 for one in found if one.lastgroup == "far" or (one.lastgroup and one.end() > begins))


def _any(words: tuple[str, ...]) -> str:
    """Matches any of the words; of none: nothing."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"
