"""The lexicon as one automaton, and the occurrences of its terms in a folded text. Pure.

Aho-Corasick finds the head of every term in one pass (A. V. Aho and M. J. Corasick, 1975; `ahocorasick-rs`). What a
term asks besides (its other parts within a gap, a word's border) is looked at only where its head stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import rjieba
from ahocorasick_rs import AhoCorasick, Implementation

from services.tagging.folding import folded
from services.tagging.lexicon import Lexicon, Vocabulary

GAP, BORDER = "…", "|"
CLAUSE_ENDS = frozenset(",。.!?;:\n、~")
"""In a folded text: ， is a comma there, … are three full stops."""


class Group(StrEnum):
    PROBLEM = "problem"
    DEPARTMENT = "department"
    CUSTOMER = "customer"
    INTENSITY = "intensity"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    NEW_DEMAND = "new_demand"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Term:
    """`rest`: the parts behind the first gap; `borders`: a word must begin, must end."""

    head: str
    rest: tuple[str, ...]
    group: Group
    code: str
    wants_negation: bool
    borders: tuple[bool, bool]
    vocabulary: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`gaps`: bounds of what stands between the parts of the term."""

    term: Term
    start: int
    end: int
    gaps: tuple[tuple[int, int], ...] = ()


class Automaton:
    """All terms of all languages of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        by_head: dict[str, list[Term]] = {}
        for number, vocabulary in enumerate(lexicon.vocabularies):
            for term in terms_of(vocabulary, number):
                by_head.setdefault(term.head, []).append(term)
        self._gaps = tuple(vocabulary.gap for vocabulary in lexicon.vocabularies)
        self._terms = tuple(by_head.values())
        self._heads = AhoCorasick(list(by_head), store_patterns=False, implementation=Implementation.DFA)

    def occurrences(self, text: str) -> list[Occurrence]:
        """Every occurrence of every term, overlapping ones too."""
        found = []
        words: frozenset[int] | None = None
        for index, start, end in self._heads.find_matches_as_indexes(text, overlapping=True):
            if start and _latin(text[start]) and _latin(text[start - 1]):
                continue  # a Latin term begins where a word begins
            for term in self._terms[index]:
                one = Occurrence(term, start, end) if not term.rest else self._whole(term, text, start, end)
                if one is None:
                    continue
                if any(term.borders):
                    words = words or word_borders(text)
                    if (term.borders[0] and one.start not in words) or (term.borders[1] and one.end not in words):
                        continue
                found.append(one)
        return found

    def _whole(self, term: Term, text: str, start: int, end: int) -> Occurrence | None:
        gaps = []
        for part in term.rest:
            at = text.find(part, end, end + self._gaps[term.vocabulary] + len(part))
            if at < 0 or not CLAUSE_ENDS.isdisjoint(text[end:at]):
                return None
            gaps.append((end, at))
            end = at + len(part)
        return Occurrence(term, start, end, tuple(gaps))


def word_borders(text: str) -> frozenset[int]:
    """Offsets at which a word begins or ends, as jieba cuts the text."""
    borders, at = {0}, 0
    for word in rjieba.cut(text):
        at += len(word)
        borders.add(at)
    return frozenset(borders)


@lru_cache(maxsize=4)
def automaton(lexicon: Lexicon) -> Automaton:
    return Automaton(lexicon)


def terms_of(vocabulary: Vocabulary, number: int = 0) -> Iterator[Term]:
    """Every term of one language as the automaton takes it; raises ValueError for one that says nothing."""
    yield from _terms(vocabulary.ignore, Group.IGNORE, "", number)
    yield from _terms(vocabulary.intensity, Group.INTENSITY, "", number)
    for problem in vocabulary.problem:
        yield from _terms(problem.terms, Group.PROBLEM, problem.code, number)
        yield from _terms(problem.negated_terms, Group.PROBLEM, problem.code, number, wants_negation=True)
    for department in vocabulary.department:
        yield from _terms(department.terms, Group.DEPARTMENT, department.code, number)
    for sign in vocabulary.customer:
        yield from _terms(sign.terms, Group.CUSTOMER, sign.code, number)
    yield from _terms(vocabulary.suggestion.terms, Group.SUGGESTION, "suggestion", number)
    yield from _terms(vocabulary.praise.terms, Group.PRAISE, "praise", number)
    yield from _terms(vocabulary.new_demand.terms, Group.NEW_DEMAND, "new_demand", number)


def _terms(
    written: Sequence[str], group: Group, code: str, number: int, *, wants_negation: bool = False
) -> Iterator[Term]:
    for one in written:
        borders = one.startswith(BORDER), one.endswith(BORDER)
        parts = [folded(part).text for part in one.strip(BORDER).split(GAP)]
        if not all(part.strip() for part in parts):
            raise ValueError(f"{group} {code}: {one!r} has an empty part")
        yield Term(parts[0], tuple(parts[1:]), group, code, wants_negation, borders, number)


def _latin(character: str) -> bool:
    return "a" <= character <= "z"
