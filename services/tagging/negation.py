"""How often what is said is turned round: 不专业 once, 没有不耐烦 once, 不是没有敷衍 twice. Pure."""

import re
from functools import lru_cache

from services.tagging.lexicon import Vocabulary
from services.tagging.matching import CLAUSE_ENDS, Occurrence


def negations(text: str, one: Occurrence, vocabulary: Vocabulary) -> int:
    """Negations before the occurrence (within the window, or reaching far in its clause) and in its gap."""
    begin, end = one.gap
    before = text[_clause(text, one.start) : one.start]
    return _before(before, vocabulary) + (_within(text[begin:end], vocabulary) if begin < end else 0)


def _before(before: str, vocabulary: Vocabulary) -> int:
    pattern, beginnings = _pattern(vocabulary)
    if beginnings.isdisjoint(before):
        return 0
    window = len(before) - vocabulary.negation_window
    found = pattern.finditer(before)
    return sum(1 for one in found if one.lastgroup == "far" or (one.lastgroup and one.end() > window))


def _within(gap: str, vocabulary: Vocabulary) -> int:
    pattern, beginnings = _pattern(vocabulary)
    return 0 if beginnings.isdisjoint(gap) else sum(1 for found in pattern.finditer(gap) if found.lastgroup)


def _clause(text: str, start: int) -> int:
    """Where the clause begins that holds `start`."""
    while start and text[start - 1] not in CLAUSE_ENDS:
        start -= 1
    return start


@lru_cache(maxsize=16)
def _pattern(vocabulary: Vocabulary) -> tuple[re.Pattern[str], frozenset[str]]:
    """Longest first: 并没有 is one negation, not three; a word that only looks like a negation hides it.

    With it the characters that negations begin with: most texts have none of them.
    """
    skipped, far, near = vocabulary.not_negations, vocabulary.far_negations, vocabulary.negations
    pattern = re.compile(f"(?:{_any(skipped)})|(?P<far>{_any(far)})|(?P<near>{_any(near)})")
    return pattern, frozenset(word[0] for word in (*far, *near))


def _any(words: tuple[str, ...]) -> str:
    """Matches any of the words; of none: nothing."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"
