"""Text → findings with their evidence. Offsets are characters of the text as it was given.

The scan is one pass over the text: at each place only the terms that begin with its character are compared. A quicker
matcher may take the place of `occurrences`, which promises only: every occurrence of every term, in any order.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from services.tagging.lexicon import Lexicon, Vocabulary


class Group(StrEnum):
    PROBLEM = "problem"
    DEPARTMENT = "department"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    NEW_DEMAND = "new_demand"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Term:
    text: str
    group: Group
    code: str
    wants_negation: bool = False


@dataclass(frozen=True)
class Finding:
    """One term of the lexicon in one text; `sentence` are the bounds of the sentence around it."""

    question_id: str
    group: Group
    code: str
    start: int
    end: int
    sentence: tuple[int, int]


@dataclass(frozen=True)
class _Match:
    term: Term
    start: int
    end: int


_CLAUSE_ENDS = frozenset("，,。！？!?；;：:\n、…")
_SENTENCE_ENDS = frozenset("。！？!?；;\n…")


def find(texts: Mapping[str, str], lexicon: Lexicon) -> list[Finding]:
    """All findings of all texts; a longer term hides a shorter one of its own group (or an ignored one) below it."""
    return [
        finding
        for question_id, text in texts.items()
        for folding in [folded(text)]
        for vocabulary in lexicon.vocabularies
        for finding in _find(question_id, folding, vocabulary)
    ]


def occurrences(text: str, terms: Mapping[str, Sequence[Term]]) -> Iterator[tuple[Term, int]]:
    """Every occurrence of every term, overlapping ones too: (term, start). Latin terms begin where a word begins.

    `terms` by their first character.
    """
    for start, character in enumerate(text):
        if start and _latin(character) and _latin(text[start - 1]):
            continue
        for term in terms.get(character, ()):
            if text.startswith(term.text, start):
                yield term, start


def folded(text: str) -> tuple[str, list[int]]:
    """The text in one width and case, and for each of its characters (and its end) the offset in the original."""
    if unicodedata.is_normalized("NFKC", text) and len(lower := text.lower()) == len(text):
        return lower, list(range(len(text) + 1))
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).lower():
            characters.append(part)
            offsets.append(offset)
    offsets.append(len(text))
    return "".join(characters), offsets


def _find(question_id: str, folding: tuple[str, list[int]], vocabulary: Vocabulary) -> Iterator[Finding]:
    text, offsets = folding
    found = [_Match(term, start, start + len(term.text)) for term, start in occurrences(text, _terms(vocabulary))]
    sentences = _sentences(text)
    for match in _longest(found):
        if not _holds(match, text, vocabulary):
            continue
        begin, end = next((b, e) for b, e in sentences if b <= match.start < e)
        yield Finding(
            question_id=question_id,
            group=match.term.group,
            code=match.term.code,
            start=offsets[match.start],
            end=offsets[match.end - 1] + 1,
            sentence=(offsets[begin], offsets[end]),
        )


def _holds(match: _Match, text: str, vocabulary: Vocabulary) -> bool:
    """A department is named, whatever is said of it; everything else is turned round by a negation."""
    if match.term.group is Group.DEPARTMENT:
        return True
    return is_negated(text, match.start, vocabulary) is match.term.wants_negation


def is_negated(text: str, start: int, vocabulary: Vocabulary) -> bool:
    """An odd number of negations lies within the window before `start`, in the same clause."""
    begin = max(0, start - vocabulary.negation_window)
    window = text[begin:start]
    for position in range(len(window) - 1, -1, -1):
        if window[position] in _CLAUSE_ENDS:
            window = window[position + 1 :]
            break
    for phrase in vocabulary.not_negations:
        window = window.replace(phrase, " " * len(phrase))
    count = 0
    for word in vocabulary.negations:  # longest first: 并没有 is one negation, not three
        count += window.count(word)
        window = window.replace(word, " " * len(word))
    return count % 2 == 1


@lru_cache(maxsize=16)
def _terms(vocabulary: Vocabulary) -> Mapping[str, Sequence[Term]]:
    def fold(term: str) -> str:
        return folded(term)[0]

    terms = [Term(fold(text), Group.IGNORE, "") for text in vocabulary.ignore]
    for problem in vocabulary.problem:
        terms += [Term(fold(text), Group.PROBLEM, problem.code) for text in problem.terms]
        terms += [Term(fold(t), Group.PROBLEM, problem.code, wants_negation=True) for t in problem.negated_terms]
    for department in vocabulary.department:
        terms += [Term(fold(text), Group.DEPARTMENT, department.code) for text in department.terms]
    for group, cues in (
        (Group.SUGGESTION, vocabulary.suggestion),
        (Group.PRAISE, vocabulary.praise),
        (Group.NEW_DEMAND, vocabulary.new_demand),
    ):
        terms += [Term(fold(text), group, group.value) for text in cues.terms]
    by_first: dict[str, list[Term]] = {}
    for term in terms:
        by_first.setdefault(term.text[0], []).append(term)
    return by_first


def _longest(found: Sequence[_Match]) -> list[_Match]:
    return [m for m in found if m.term.group is not Group.IGNORE and not any(_hides(o, m) for o in found)]


def _hides(longer: _Match, match: _Match) -> bool:
    inside = (
        longer.start <= match.start and match.end <= longer.end and longer.end - longer.start > match.end - match.start
    )
    related = longer.term.group is Group.IGNORE or longer.term.group is match.term.group
    return inside and related


def _sentences(text: str) -> list[tuple[int, int]]:
    ends = [i + 1 for i, character in enumerate(text) if character in _SENTENCE_ENDS or text[i : i + 2] == ". "]
    return [(begin, end) for begin, end in pairwise([0, *ends, len(text)]) if begin < end]


def _latin(character: str) -> bool:
    return "a" <= character <= "z"
