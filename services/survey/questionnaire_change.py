"""What a new version does to the figures: nothing, a new series of some questions, or something that must not be.

A series is what may be compared over time: the same question in the same words, on the same scale, after the same
questions. Compatible changes leave every series whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from contracts.vocabulary import QuestionKind
from services.survey.questionnaire import Medium, Question, Questionnaire, Words


class Effect(IntEnum):
    """The worse the higher; that of a whole change is that of its worst part."""

    COMPATIBLE = 0
    NEW_SERIES = 1
    FORBIDDEN = 2


@dataclass(frozen=True)
class Difference:
    place: str
    effect: Effect
    what: str


@dataclass(frozen=True)
class Change:
    differences: tuple[Difference, ...]

    @property
    def effect(self) -> Effect:
        return max((one.effect for one in self.differences), default=Effect.COMPATIBLE)


def compare(old: Questionnaire, new: Questionnaire) -> Change:
    """`old` as published, `new` as proposed; both without faults."""
    found = [*_identity(old, new), *_frame(old, new), *_removed(old, new), *_order(old, new)]
    for question in new.questions:
        before = old.question(question.id)
        if before is None:
            found.append(_difference(question, Effect.COMPATIBLE, "is new"))
        else:
            found += _question(before, question)
    return Change(tuple(found))


def _identity(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    if old.id != new.id:
        yield Difference("id", Effect.FORBIDDEN, f"is {new.id}, not {old.id}: that is another questionnaire")
    if old.purpose is not new.purpose:
        yield Difference("purpose", Effect.FORBIDDEN, "a version never changes what it is asked for")
    if new.version < old.version:
        yield Difference("version", Effect.FORBIDDEN, f"{new.version} is older than {old.version}")
    if new.version == old.version and new.content_hash != old.content_hash:
        yield Difference("version", Effect.FORBIDDEN, f"version {old.version} is published: give it a new number")


def _frame(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    """Around the questions."""
    for name in ("title", "script", "ivr", "sections", "answer_within_workdays", "vague"):
        if getattr(old, name) != getattr(new, name):
            yield Difference(name, Effect.COMPATIBLE, "changed")
    for medium in Medium:
        if medium in old.offered and medium not in new.offered:
            yield Difference("media", Effect.NEW_SERIES, f"it is no longer asked on the medium {medium}")
        if medium not in old.offered and medium in new.offered:
            yield Difference("media", Effect.COMPATIBLE, f"it is now asked on the medium {medium} too")
    for kind in (QuestionKind.RATING, QuestionKind.NPS):
        if kind in old.read_out and old.read_out[kind] != new.read_out.get(kind):
            yield Difference(f"read_out.{kind}", Effect.NEW_SERIES, "the scale is read out in other words")


def _removed(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    for question in old.questions:
        if new.question(question.id) is None:
            core = "a core question " if question.core else ""
            effect = Effect.FORBIDDEN if question.core and new.version <= old.version else Effect.NEW_SERIES
            yield _difference(question, effect, f"{core}is gone")


def _order(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    """A question is only comparable after the same questions. Names the kept ones that now follow others."""
    moved: dict[str, list[str]] = {}
    for medium in (one for one in old.offered if one in new.offered):
        before, after = ([question.id for question in form.asked_on(medium)] for form in (old, new))
        same = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
        if same is None:
            continue
        for question_id in after[same:]:
            if question_id in before and _measured(new.question(question_id)):
                moved.setdefault(question_id, []).append(medium.value)
    for question_id, media in moved.items():
        where = ", ".join(media)
        yield Difference(
            f"questions.{question_id}", Effect.NEW_SERIES, f"is asked after other questions than before ({where})"
        )


def _question(old: Question, new: Question) -> Iterator[Difference]:
    if (old.kind, old.dimension) != (new.kind, new.dimension):
        yield _difference(new, Effect.FORBIDDEN, "the id stands for another kind or dimension: take a new id")
        return
    if _keys_meant_otherwise(old, new):
        yield _difference(new, Effect.FORBIDDEN, "the same prompt stands for other keys: word the prompt anew")
    for what, told in _SERIES.items():
        if told(old) != told(new):
            yield _difference(new, Effect.NEW_SERIES, what)
    for what, told in _COMPATIBLE.items():
        if told(old) != told(new):
            yield _difference(new, Effect.COMPATIBLE, what)
    if old.ivr is not None and new.ivr is not None and old.ivr.prompt != new.ivr.prompt:
        yield _difference(new, Effect.NEW_SERIES, "the telephone prompt is worded differently")


def _bare(words: Words | None) -> dict[str, str]:
    """Phrase marks and spaces are layout, not wording."""
    return {language: "".join(text.replace("|", "").split()) for language, text in (words or {}).items()}


def _bare_all(words: dict[str, Words] | dict[int, Words]) -> dict[str, dict[str, str]]:
    return {str(key): _bare(said) for key, said in words.items()}


_SERIES: dict[str, Callable[[Question], object]] = {
    "the wording changed": lambda question: (_bare(question.text), _bare(question.note)),
    "the scale changed": lambda question: (
        _bare_all(question.labels), _bare_all(question.options), list(question.options), _bare(question.low),
        _bare(question.high),
    ),
    "other answers bring it up": lambda question: question.when,
    "it became core or ceased to be": lambda question: question.core,
    "a complete record needs it otherwise than before": lambda question: (
        question.required, {outcome: set(media) for outcome, media in question.required_for.items()},
    ),
}  # fmt: skip
_COMPATIBLE: dict[str, Callable[[Question], object]] = {
    "other answers of it raise an alert": lambda question: question.alerts,
    "the probes changed": lambda question: (question.probe, question.probe_when, question.probes),
    "its name or section changed": lambda question: (question.topic, question.section),
    "the longest answer changed": lambda question: question.limit,
}


def _keys_meant_otherwise(old: Question, new: Question) -> bool:
    if old.ivr is None or new.ivr is None or old.ivr.prompt != new.ivr.prompt:
        return False
    return (old.ivr.digits, old.ivr.entry) != (new.ivr.digits, new.ivr.entry)


def _measured(question: Question | None) -> bool:
    return question is not None and question.kind is not QuestionKind.TEXT


def _difference(question: Question, effect: Effect, what: str) -> Difference:
    return Difference(f"questions.{question.id}", effect, what)
