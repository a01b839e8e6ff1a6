"""Tagging alone, on one core: whole responses with 40 characters each, beside a bare scan of the same texts."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from statistics import median

from contracts.answers import Answer, AnswerSheet
from contracts.context import Handler, ServiceContext
from contracts.vocabulary import AnswerState, Dimension, QuestionKind, Scenario, Score
from services.tagging.folding import folded
from services.tagging.items import tag
from services.tagging.labelled import sentences
from services.tagging.lexicon import shipped
from services.tagging.matching import automaton

LENGTH = 40
ROUNDS = 5
BAR = 20_000.0


@dataclass(frozen=True)
class Texts:
    """Medians of the rounds, by processor time. `scans`: texts a second that a bare Aho-Corasick scan goes through."""

    count: int
    responses: float
    scans: float
    items: float
    """Items of each response on average: what costs most."""
    sentences: float
    """Responses a second whose text is one labelled sentence as it was written: shorter, and with fewer items."""
    items_of_sentence: float

    @property
    def of_scan(self) -> float:
        return self.responses / self.scans


def texts(count: int) -> Texts:
    said = list(islice(cycle(_cut()), count))
    machine, lexicon = automaton(shipped()), shipped()
    plain = [folded(text).text for text in said]
    written = list(islice(cycle([sentence.text for sentence in sentences()]), count))

    def whole(text: str) -> None:
        tag("response", _SHEET, texts={"reason": text}, context=_CONTEXT, lexicon=lexicon)

    rounds = [(_rate(whole, said), _rate(machine.scan, plain), _rate(whole, written)) for _ in range(ROUNDS)]
    responses, scans, of_sentences = map(median, zip(*rounds, strict=True))
    return Texts(
        count=count,
        responses=responses,
        scans=scans,
        items=_items(said),
        sentences=of_sentences,
        items_of_sentence=_items(written),
    )


def _items(said: Sequence[str]) -> float:
    """Items of each on average."""
    tagged = (tag("r", _SHEET, texts={"q": one}, context=_CONTEXT, lexicon=shipped()) for one in said)
    return sum(len(one.items) for one in tagged) / len(said)


def lines(found: Texts | None) -> list[tuple[str, str]]:
    """What was found, for people; nothing where the part was left out."""
    if found is None:
        return []
    cut = f"{found.responses:,.0f}/s, {found.items:.1f} items each; a bare scan of the same texts {found.scans:,.0f}/s"
    return [
        ("responses tagged a second of processor time, 40 characters", cut),
        ("the same, one labelled sentence each", f"{found.sentences:,.0f}/s, {found.items_of_sentence:.1f} items each"),
    ]


def _cut() -> list[str]:
    """The labelled sentences one after another, cut into texts of the same length: every text says something."""
    whole = "".join(sentence.text for sentence in sentences())
    return [whole[at : at + LENGTH] for at in range(0, len(whole) - LENGTH, LENGTH)]


def _rate(work: Callable[[str], object], said: Sequence[str]) -> float:
    begun = time.process_time()
    for one in said:
        work(one)
    return len(said) / (time.process_time() - begun)


def _rating(dimension: Dimension, score: Score) -> Answer:
    return Answer(
        question_id=dimension.value, kind=QuestionKind.RATING, state=AnswerState.ANSWERED, dimension=dimension,
        score=score, alerts=True,
    )  # fmt: skip


_SHEET = AnswerSheet(
    answers=(_rating(Dimension.OVERALL, Score.DISSATISFIED), _rating(Dimension.ATTITUDE, Score.SATISFIED))
)
_CONTEXT = ServiceContext(
    scenario=Scenario.AFTER_SALE, completed_at=datetime(2026, 10, 15, tzinfo=UTC), handler=Handler(team="华东维修一组")
)
