"""Text → findings with their evidence. Offsets are characters of the text as it was given. Pure."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.tagging.folding import folded
from services.tagging.lexicon import Lexicon
from services.tagging.matching import Automaton, Group, Occurrence, automaton

_SENTENCE_END = re.compile(r"[。!?;\n]|\.(?=[ .]|$)")
_QUOTES = frozenset('“"「『')
_SAID_AS_IT_IS = frozenset((Group.DEPARTMENT, Group.INTENSITY))
"""A department is named, whatever is said of it."""


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
    held = [one for one in longest(occurrences) if _holds(one, fold.text, machine)]
    ends = sentence_ends(fold.text) if held else []
    found = []
    for one in held:
        index = bisect_right(ends, one.start)
        begin, end = ends[index - 1] if index else 0, ends[index]
        start, stop = fold.original(one.start, one.end)
        sentence = fold.original(begin, max(end, one.end))
        found.append(Finding(question_id, one.term.group, one.term.code, start, stop, sentence))
    return found


def _holds(one: Occurrence, text: str, machine: Automaton) -> bool:
    """An odd number of negations turns it round. 不能说不热情 is no praise, and no “praise” in quotes is meant so."""
    if one.term.group in _SAID_AS_IT_IS:
        return True
    count = machine.negations[one.term.vocabulary].count(text, one.start, one.gap)
    if one.term.group is Group.PRAISE:
        return count == 0 and not (one.start and text[one.start - 1] in _QUOTES)
    return (count % 2 == 1) is one.term.wants_negation


def longest(found: Sequence[Occurrence]) -> list[Occurrence]:
    """Without the ignored ones, and without those that lie inside a longer one of their group or an ignored one.

    By where they begin, the longest first: of all before it, only the one that reaches farthest can hold it.
    """
    reaching: dict[Group, tuple[int, int]] = {}
    kept = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        span, group = (one.start, one.end), one.term.group
        if group is not Group.IGNORE:
            before = reaching.get(group, span), reaching.get(Group.IGNORE, span)
            if not any(end >= one.end and (start, end) != span for start, end in before):
                kept.append(one)
        if group not in reaching or one.end > reaching[group][1]:
            reaching[group] = span
    return kept


def sentence_ends(text: str) -> list[int]:
    """Offsets behind the end of each sentence; the last is the end of the text."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]
