"""A changed lexicon, tried on every text that a person judged, before it is taken. Only reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from chassis.runtime import Runtime
from chassis.vault import ERASED, Keyring, scope_of
from contracts.answers import AnswerTexts
from services.tagging.finding import find
from services.tagging.judgement import Judgement
from services.tagging.lexicon import Lexicon, shipped
from services.tagging.scoring import Tally, codes_of, tallies
from services.tagging.store import judgements
from services.tagging.store.judgements import JudgedText

MOST = 10_000


@dataclass(frozen=True)
class Moved:
    """What the two lexicons see differently in one response; `held` is what the person sees."""

    response_id: str
    gained: frozenset[str]
    lost: frozenset[str]
    held: frozenset[str]


@dataclass(frozen=True)
class Trial:
    """`now` and `then`: the lexicon in use and the changed one against the same people."""

    judged: int
    moved: tuple[Moved, ...]
    now: dict[str, Tally]
    then: dict[str, Tally]

    def lines(self) -> Iterator[str]:
        for one in self.moved:
            signs = [f"+{code}{_right(code in one.held)}" for code in sorted(one.gained)]
            signs += [f"-{code}{_right(code not in one.held)}" for code in sorted(one.lost)]
            yield f"{one.response_id}\t{' '.join(signs)}"
        yield f"{len(self.moved)} of {self.judged} judged responses would be tagged otherwise; nothing was changed"
        for code in sorted({*self.now, *self.then}):
            yield f"{code}\t{_shares(self.now.get(code, Tally()))} -> {_shares(self.then.get(code, Tally()))}"


async def tried(runtime: Runtime, lexicon: Lexicon) -> Trial:
    """The newest judged responses whose words are still there, at most `MOST`."""
    async with runtime.reading() as connection:
        judged = [one for one in await judgements.newest(connection, MOST) if one.texts]
    keys = await runtime.vault.keyring(
        text={one.customer_ref for one in judged}, facts={scope_of(one.ruling) for one in judged}
    )
    moved, now, then = [], [], []
    for one in judged:
        said, held = _opened(one, keys)
        if said is None:
            continue
        before, after = codes_of(find(said, shipped())), codes_of(find(said, lexicon))
        now.append((before, held))
        then.append((after, held))
        if before != after:
            moved.append(Moved(one.response_id, frozenset(after - before), frozenset(before - after), held))
    return Trial(len(now), tuple(moved), tallies(now), tallies(then))


def _opened(one: JudgedText, keys: Keyring) -> tuple[dict[str, str] | None, frozenset[str]]:
    """Words and what the person holds; None for words whose key was destroyed."""
    texts = keys.open_as(AnswerTexts, one.customer_ref, "texts", one.texts or "")
    judgement = keys.open_as(Judgement, one.customer_ref, "judgement", one.ruling)
    if texts is ERASED or judgement is ERASED:
        return None, frozenset()
    return texts.texts, frozenset(judgement.held)


def _right(agrees: bool) -> str:
    return "(right)" if agrees else "(wrong)"


def _shares(tally: Tally) -> str:
    precision, recall = (("-" if share is None else f"{share:.2f}") for share in (tally.precision, tally.recall))
    return f"precision {precision}, recall {recall}"
