"""Text → findings with their evidence. Offsets are characters of the text as it was given. Pure."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from services.tagging.folding import Folded, folded
from services.tagging.lexicon import Lexicon
from services.tagging.matching import Group, Occurrence, Term, Words, automaton
from services.tagging.negation import Turns

_SENTENCE_END = re.compile(r"[。!?;\n.](?:(?<!\.)|(?=[ .]|$))")
"""A full stop only before a space, another one or the end: 2.5 is one number."""
_QUOTES = frozenset('“"「『')
_SAID_AS_IT_IS = frozenset((Group.DEPARTMENT, Group.INTENSITY))
"""A department is named, whatever is said of it."""


_START, _END = itemgetter(0), itemgetter(1)


class Place(NamedTuple):
    """Characters `start` (inclusive) to `end` (exclusive) of the answer to `question_id`.

    What the events call a span. A tuple, because several are made for each text.
    """

    question_id: str
    start: int
    end: int


class Finding(NamedTuple):
    """One term of the lexicon in one text, and the sentence around it."""

    question_id: str
    group: Group
    code: str
    start: int
    end: int
    sentence: Place


def find(texts: Mapping[str, str], lexicon: Lexicon) -> list[Finding]:
    """All findings of all texts; a longer term hides a shorter one of its own group (or an ignored one) inside it."""
    return [one for question_id, text in texts.items() if text for one in _find(question_id, text, lexicon)]


def _find(question_id: str, text: str, lexicon: Lexicon) -> list[Finding]:
    fold = folded(text)
    machine = automaton(lexicon)
    kept = longest(machine.occurrences(fold.text), Words(fold.text))
    if not kept:
        return []
    turns: dict[int, Turns] = {}
    ends = sentence_ends(fold.text)
    sentences = [Place(question_id, begin, end) for begin, end in pairwise([0, *ends])]
    found = []
    for start, end, term, gap in kept:
        group = term.group
        if group not in _SAID_AS_IT_IS:
            turn = turns.get(term.vocabulary)
            if turn is None:
                turn = turns[term.vocabulary] = Turns(machine.negations[term.vocabulary], fold.text)
            if not _holds(start, term, turn.count(start, gap), fold.text):
                continue
        sentence = sentences[bisect_right(ends, start)]
        if sentence.end < end:
            sentence = sentence._replace(end=end)
        found.append(Finding(question_id, group, term.code, start, end, sentence))
    return found if fold.offsets is None else [_in_original(one, fold) for one in found]


def _in_original(one: Finding, fold: Folded) -> Finding:
    question_id, group, code, start, end, sentence = one
    around = Place(question_id, *fold.original(sentence.start, sentence.end))
    return Finding(question_id, group, code, *fold.original(start, end), around)


def _holds(start: int, term: Term, negations: int, text: str) -> bool:
    """An odd number of negations turns it round. 不能说不热情 is no praise, and no “praise” in quotes is meant so."""
    if term.group is Group.PRAISE:
        return negations == 0 and not (start and text[start - 1] in _QUOTES)
    return (negations % 2 == 1) is term.wants_negation


def longest(found: Sequence[Occurrence], words: Words) -> list[Occurrence]:
    """Without the ignored ones, without those that lie inside a longer one of their group or an ignored one, and
    without those that ask for a word's border and stand inside a word.

    By where they begin, the longest first: of all before it, only the one that reaches farthest can hold it. What is
    hidden hides nothing that is not hidden without it, so borders are looked for only where nothing else hides.
    """
    reaching: dict[Group, tuple[int, int]] = {}  # by (end, -start): the greater one holds the other
    kept = []
    for one in sorted(sorted(found, key=_END, reverse=True), key=_START):
        start, end, term, _ = one
        reach, group = (end, -start), term.group
        if reach < reaching.get(group, reach) or reach < reaching.get(Group.IGNORE, reach):
            continue
        if (term.begins and not words.meet(start)) or (term.ends and not words.meet(end)):
            continue
        reaching[group] = reach
        if group is not Group.IGNORE:
            kept.append(one)
    return kept


def sentence_ends(text: str) -> list[int]:
    """Offsets behind the end of each sentence; the last is the end of the text."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]
