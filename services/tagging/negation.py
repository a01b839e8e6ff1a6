"""How often what is said is turned round: 不专业 once, 没有不耐烦 once, 不是没有敷衍 twice. Pure."""

import re
from functools import lru_cache

from services.tagging.lexicon import Vocabulary
from services.tagging.matching import CLAUSE_ENDS, Occurrence


def negations(text: str, one: Occurrence, vocabulary: Vocabulary) -> int:
    """Negations before the occurrence (within the window, or reaching far in its clause) and in its gaps."""
    before = text[_clause(text, one.start) : one.start]
    window = len(before) - vocabulary.negation_window
    count = 0
    if before:
        for found in _pattern(vocabulary).finditer(before):
            if found["far"] or (found["near"] and found.end() > window):
                count += 1
    return count + sum(_within(text[begin:end], vocabulary) for begin, end in one.gaps)


def _within(gap: str, vocabulary: Vocabulary) -> int:
    return sum(1 for found in _pattern(vocabulary).finditer(gap) if found["far"] or found["near"]) if gap else 0


def _clause(text: str, start: int) -> int:
    """Where the clause begins that holds `start`."""
    while start and text[start - 1] not in CLAUSE_ENDS:
        start -= 1
    return start


def _pattern(vocabulary: Vocabulary) -> re.Pattern[str]:
    return _compiled(vocabulary.not_negations, vocabulary.far_negations, vocabulary.negations)


@lru_cache(maxsize=16)
def _compiled(skipped: tuple[str, ...], far: tuple[str, ...], near: tuple[str, ...]) -> re.Pattern[str]:
    """Longest first: 并没有 is one negation, not three; a word that only looks like a negation hides it."""
    return re.compile(f"(?:{_any(skipped)})|(?P<far>{_any(far)})|(?P<near>{_any(near)})")


def _any(words: tuple[str, ...]) -> str:
    """Matches any of the words; of none: nothing."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"
