"""The labelled sentences: what people hold each to say; one half to write terms by, one to test them."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from services.tagging.finding import find
from services.tagging.lexicon import Lexicon
from services.tagging.matching import Group
from services.tagging.scoring import TAGS, Tally, codes_of, tallies

FILE = Path(__file__).parent / "labelled" / "zh.csv"
_QUESTION = "text"


class Half(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"


@dataclass(frozen=True)
class Sentence:
    """`labels`: tags that the sentence bears; `department`: the one it names for its problem or idea, if any."""

    scenario: str
    text: str
    labels: frozenset[str]
    department: str | None

    @property
    def half(self) -> Half:
        """By the text alone (first byte of its SHA-256, even or odd): adding a sentence moves no other."""
        odd = hashlib.sha256(self.text.encode()).digest()[0] % 2
        return Half.TEST if odd else Half.DEVELOPMENT


@dataclass(frozen=True)
class Measured:
    """The rules against one half. `routed`: sentences whose department the words named rightly, of `named`."""

    sentences: int
    tags: dict[str, Tally]
    exact: int
    routed: int
    named: int


@cache
def sentences() -> tuple[Sentence, ...]:
    """Raises ValueError for a row with an unknown label."""
    with FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(_sentence(row) for row in rows)


def measured(lexicon: Lexicon, half: Half) -> Measured:
    chosen = [sentence for sentence in sentences() if sentence.half is half]
    findings = [find({_QUESTION: sentence.text}, lexicon) for sentence in chosen]
    found = [codes_of(one) for one in findings]
    named = [(s, one) for s, one in zip(chosen, findings, strict=True) if s.department]
    return Measured(
        sentences=len(chosen),
        tags=tallies(zip(found, (sentence.labels for sentence in chosen), strict=True)),
        exact=sum(one == sentence.labels for one, sentence in zip(found, chosen, strict=True)),
        routed=sum(s.department in {f.code for f in one if f.group is Group.DEPARTMENT} for s, one in named),
        named=len(named),
    )


def missed_and_wrong(lexicon: Lexicon) -> list[tuple[Sentence, set[str], set[str]]]:
    """(sentence, missed, wrong) of the development half only: the test half is never shown to who writes terms."""
    shown = []
    for sentence in sentences():
        found = codes_of(find({_QUESTION: sentence.text}, lexicon))
        if sentence.half is Half.DEVELOPMENT and found != sentence.labels:
            shown.append((sentence, set(sentence.labels - found), found - sentence.labels))
    return shown


def table(lexicon: Lexicon) -> str:
    """Both halves as a Markdown table."""
    halves = [measured(lexicon, half) for half in Half]
    lines = [
        f"Lexicon {lexicon.version}; {halves[0].sentences} sentences to write terms by, {halves[1].sentences} to test.",
        "",
        "| tag | development: n | precision | recall | test: n | precision | recall |",
        "|---|---|---|---|---|---|---|",
        *(_line(code, [half.tags.get(code, Tally()) for half in halves]) for code in TAGS),
        _line("**all**", [sum(half.tags.values(), Tally()) for half in halves]),
        "",
        *(
            f"{half.capitalize()}: every tag right in {m.exact} of {m.sentences} sentences; the department they "
            f"name found in {m.routed} of {m.named}."
            for half, m in zip(Half, halves, strict=True)
        ),
    ]
    return "\n".join(lines)


def _line(name: str, pair: Sequence[Tally]) -> str:
    cells = [cell for t in pair for cell in (str(t.right + t.missed), _share(t.precision), _share(t.recall))]
    return f"| {name} | " + " | ".join(cells) + " |"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _sentence(row: dict[str, str]) -> Sentence:
    labels = frozenset(row["labels"].split())
    if unknown := labels.difference(TAGS):
        raise ValueError(
            f"{FILE.name}: {row['text']!r} has the label {sorted(unknown)[0]}; there are {', '.join(TAGS)}"
        )
    return Sentence(row["scenario"], row["text"], labels, row["department"] or None)
