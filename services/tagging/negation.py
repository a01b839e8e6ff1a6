"""How often what is said is turned round: 不专业 once, 没有不耐烦 once, 不是没有敷衍 twice. Pure."""

import re
from bisect import bisect_left

from services.tagging.lexicon import Vocabulary

CLAUSE_ENDS = frozenset(",。.!?;:\n、~")
"""In a folded text: ， is a comma there, … are three full stops."""
FARTHEST = 60
"""No negation reaches farther: who writes without any punctuation must not make the search long."""

_CLAUSE_END = re.compile(f"[{re.escape(''.join(sorted(CLAUSE_ENDS)))}]")


class Negations:
    """The negations of one language, compiled.

    Longest first: 并没有 is one negation, not three; a word that only looks like a negation hides it.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.window = vocabulary.negation_window
        kinds = (vocabulary.not_negations, vocabulary.far_negations, vocabulary.negations)
        skipped, far, near = map(frozenset, kinds)
        self.far, self.near = far - skipped, near - skipped
        longest_first = [word for kind in kinds for word in sorted(kind, key=len, reverse=True)]
        self.words = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
        first = {word[0] for word in self.far | self.near}
        self.first = re.compile(f"[{re.escape(''.join(sorted(first)))}]" if first else "(?!)")


class Turns:
    """The negations of one language in one text."""

    def __init__(self, negations: Negations, text: str) -> None:
        self._negations, self._text = negations, text
        self._first = [found.start() for found in negations.first.finditer(text)]
        """Where one may begin: most terms have none before them in their clause, and nothing is to be looked for."""

    def count(self, start: int, gap: tuple[int, int]) -> int:
        """Negations before `start` (within the window, or reaching far in its clause) and in the gap."""
        begins, ends = gap
        inside = self._count(begins, ends, window=ends - begins) if begins < ends else 0
        before = bisect_left(self._first, start)
        if not before or _CLAUSE_END.search(self._text, self._first[before - 1], start):
            return inside  # none begins in its clause
        begin = max(start - FARTHEST, 0)
        for clause in _CLAUSE_END.finditer(self._text, begin, start):
            begin = clause.end()
        return inside + self._count(begin, start, self._negations.window)

    def _count(self, begin: int, end: int, window: int) -> int:
        """Those between `begin` and `end` that end within the window before `end`, or reach far."""
        before = bisect_left(self._first, end)
        if not before or self._first[before - 1] < begin:
            return 0
        negations, within = self._negations, end - window
        return sum(
            one.group() in negations.far or (one.group() in negations.near and one.end() > within)
            for one in negations.words.finditer(self._text, begin, end)
        )
