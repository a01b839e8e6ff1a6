"""The lexicon as one automaton, and the occurrences of its terms in a folded text. Pure.

Aho-Corasick finds the head of every term in one pass (A. V. Aho and M. J. Corasick, 1975; `ahocorasick-rs`). What a
term asks besides (a tail within a gap, a word's border) is looked at only where its head stands.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from services.tagging.folding import folded
from services.tagging.lexicon import Lexicon, Vocabulary
from services.tagging.negation import CLAUSE_ENDS, Negations

GAP, BORDER = "…", "|"
_APART = re.compile(f"[{re.escape(''.join(sorted(CLAUSE_ENDS - {'.'})))}]")
"""Between words whatever stands around it; a full stop may be part of one."""


class Group(StrEnum):
    PROBLEM = "problem"
    DEPARTMENT = "department"
    CUSTOMER = "customer"
    INTENSITY = "intensity"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    NEW_DEMAND = "new_demand"
    IGNORE = "ignore"

    __hash__ = str.__hash__  # that of Enum is written in Python, and groups are looked up several times a term


class Term(NamedTuple):
    """`tail`: what stands behind the gap, if there is one; `begins`, `ends`: a word must begin, must end there."""

    head: str
    tail: str
    group: Group
    code: str
    wants_negation: bool
    begins: bool
    ends: bool
    vocabulary: int


Occurrence = tuple[int, int, Term, tuple[int, int]]
"""Start, end, term, and the bounds of what stands between head and tail, both the same where nothing does.

Plain: a text has more of them than of anything else, and most are hidden by a longer one.
"""


class _Head(NamedTuple):
    """What begins with one head: whole terms, and by language the nearest of all tails with the terms that it makes.

    `latin`: it must begin where a word begins.
    """

    latin: bool
    whole: tuple[Term, ...]
    tails: tuple[tuple[re.Pattern[str], dict[str, list[Term]]], ...]


class Automaton:
    """All terms of all languages of one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        by_head: dict[str, list[Term]] = {}
        for number, vocabulary in enumerate(lexicon.vocabularies):
            for term in terms_of(vocabulary, number):
                by_head.setdefault(term.head, []).append(term)
        self._heads = tuple(_head(terms, lexicon.vocabularies) for terms in by_head.values())
        self.negations = tuple(Negations(vocabulary) for vocabulary in lexicon.vocabularies)
        """By the number of a term's vocabulary."""
        # as quick as the table of a DFA, a sixth of its memory: more of it stays in the processor's cache
        self._scan = AhoCorasick(list(by_head), store_patterns=False, implementation=Implementation.ContiguousNFA)

    def scan(self, text: str) -> list[tuple[int, int, int]]:
        """(number of the head, start, end) of every head, overlapping ones too."""
        return self._scan.find_matches_as_indexes(text, overlapping=True)

    def occurrences(self, text: str) -> list[Occurrence]:
        """Every term, overlapping ones too; of the terms with one head and a gap, those with the nearest tail.

        Whether a word begins or ends where a term asks for it is not looked at here.
        """
        found: list[Occurrence] = []
        for number, start, end in self.scan(text):
            latin, whole, tails = self._heads[number]
            if latin and start and "a" <= text[start - 1] <= "z":
                continue
            for term in whole:
                found.append((start, end, term, (end, end)))
            for pattern, terms in tails:
                tail = pattern.match(text, end)
                if tail is not None:
                    for term in terms[tail[1]]:
                        found.append((start, tail.end(), term, (end, tail.start(1))))
        return found


def _head(terms: Sequence[Term], vocabularies: Sequence[Vocabulary]) -> _Head:
    tails: dict[int, dict[str, list[Term]]] = {}
    for term in terms:
        if term.tail:
            tails.setdefault(term.vocabulary, {}).setdefault(term.tail, []).append(term)
    return _Head(
        "a" <= terms[0].head[0] <= "z",
        tuple(term for term in terms if not term.tail),
        tuple((_nearest(list(by_tail), vocabularies[number].gap), by_tail) for number, by_tail in tails.items()),
    )


def _nearest(tails: Sequence[str], gap: int) -> re.Pattern[str]:
    """The tail that begins first, the longest of those; before it `gap` characters at most and no clause's end."""
    either = "|".join(re.escape(tail) for tail in sorted(tails, key=len, reverse=True))
    return re.compile(f"[^{re.escape(''.join(sorted(CLAUSE_ENDS)))}]{{0,{gap}}}?({either})")


class Words:
    """The borders of words in one text. It is cut where somebody asks, from one punctuation mark to the next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._edges: list[int] = []
        self._cut: dict[int, frozenset[int]] = {}

    def meet(self, at: int) -> bool:
        """Whether a word ends or begins there."""
        if not self._edges:
            marks = [edge for mark in _APART.finditer(self._text) for edge in mark.span()]
            self._edges = [0, *marks, len(self._text)]
        index = bisect_left(self._edges, at)
        if self._edges[index] == at:
            return True
        begin, end = self._edges[index - 1], self._edges[index]
        if begin not in self._cut:
            self._cut[begin] = word_borders(self._text[begin:end])
        return at - begin in self._cut[begin]


def word_borders(text: str) -> frozenset[int]:
    """Offsets at which a word begins or ends, as jieba cuts the text."""
    import rjieba  # its dictionary takes some 30 MB: loaded once a text needs it, not in every process that starts

    return frozenset(accumulate(map(len, rjieba.cut(text)), initial=0))


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
        begins, ends = one.startswith(BORDER), one.endswith(BORDER)
        parts = [folded(part).text for part in one.strip(BORDER).split(GAP)]
        if not all(part.strip() for part in parts):
            raise ValueError(f"{group} {code}: {one!r} has an empty part")
        if len(parts) > 2:
            raise ValueError(f"{group} {code}: {one!r} has more than one gap")
        yield Term(parts[0], "".join(parts[1:]), group, code, wants_negation, begins, ends, number)
