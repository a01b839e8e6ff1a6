"""Text → findings with their evidence. Offsets are characters of the text as it was given. Pure."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from services.tagging.folding import Folded, folded
from services.tagging.lexicon import Lexicon
from services.tagging.matching import Group, Occurrence, automaton
from services.tagging.negation import Turns

_SENTENCE_END = re.compile(r"[。!?;\n]|\.(?=[ .]|$)")
_QUOTES = frozenset('“"「『')
_SAID_AS_IT_IS = frozenset((Group.DEPARTMENT, Group.INTENSITY))
"""A department is named, whatever is said of it."""


_START, _END = itemgetter(0), itemgetter(1)


class Finding(NamedTuple):
    """One term of the lexicon in one text; `sentence` are the bounds of the sentence around it."""

    question_id: str
    group: Group
    code: str
    start: int
    end: int
    sentence: tuple[int, int]


def find(texts: Mapping[str, str], lexicon: Lexicon) -> list[Finding]:
    """All findings of all texts; a longer term hides a shorter one of its own group (or an ignored one) inside it."""
    return [one for question_id, text in texts.items() if text for one in _find(question_id, text, lexicon)]


def _find(question_id: str, text: str, lexicon: Lexicon) -> list[Finding]:
    fold = folded(text)
    machine = automaton(lexicon)
    occurrences = machine.occurrences(fold.text)
    if not occurrences:
        return []
    turns = [Turns(negations, fold.text) for negations in machine.negations]
    held = [one for one in longest(occurrences) if _holds(one, fold.text, turns)]
    ends = sentence_ends(fold.text) if held else []
    found = []
    for one in held:
        index = bisect_right(ends, one.start)
        begin, end = ends[index - 1] if index else 0, ends[index]
        sentence = begin, max(end, one.end)
        found.append(Finding(question_id, one.term.group, one.term.code, one.start, one.end, sentence))
    return found if fold.offsets is None else [_in_original(one, fold) for one in found]


def _in_original(one: Finding, fold: Folded) -> Finding:
    start, end = fold.original(one.start, one.end)
    return one._replace(start=start, end=end, sentence=fold.original(*one.sentence))


def _holds(one: Occurrence, text: str, turns: Sequence[Turns]) -> bool:
    """An odd number of negations turns it round. 不能说不热情 is no praise, and no “praise” in quotes is meant so."""
    start, _, term, gap = one
    if term.group in _SAID_AS_IT_IS:
        return True
    count = turns[term.vocabulary].count(start, gap)
    if term.group is Group.PRAISE:
        return count == 0 and not (start and text[start - 1] in _QUOTES)
    return (count % 2 == 1) is term.wants_negation


def longest(found: Sequence[Occurrence]) -> list[Occurrence]:
    """Without the ignored ones, and without those that lie inside a longer one of their group or an ignored one.

    By where they begin, the longest first: of all before it, only the one that reaches farthest can hold it.
    """
    reaching: dict[Group, tuple[int, int]] = {}  # by (end, -start): the greater one holds the other
    kept = []
    for one in sorted(sorted(found, key=_END, reverse=True), key=_START):
        start, end, term, _ = one
        reach = end, -start
        if reach >= reaching.get(term.group, reach):
            reaching[term.group] = reach
            if reach >= reaching.get(Group.IGNORE, reach) and term.group is not Group.IGNORE:
                kept.append(one)
    return kept


def sentence_ends(text: str) -> list[int]:
    """Offsets behind the end of each sentence; the last is the end of the text."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]
