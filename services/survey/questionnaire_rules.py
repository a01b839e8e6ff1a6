"""What a questionnaire must hold to be asked at all: every fault with its place, none silently mended."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from contracts.vocabulary import Disposition, QuestionKind, Score
from services.survey.questionnaire import Medium, Question, Questionnaire
from services.survey.questionnaire_keypads import keypad_faults
from services.survey.questionnaire_skips import skip_faults
from services.survey.questionnaire_wording import wording_faults

CORE_QUESTIONS = range(3, 6)  # requirement SV1: 3 to 5
MAXIMUM_SECONDS = 180  # requirement SV1: at most 3 minutes
YES_OR_NO = (QuestionKind.SOLVED, QuestionKind.APPROVAL)


@dataclass(frozen=True)
class Fault:
    """`rule` is a sentence that says what must be otherwise."""

    place: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}"


def faults(questionnaire: Questionnaire) -> list[Fault]:
    """All of them; an empty list means that it can be asked on every medium it is offered on."""
    found = chain(
        wording_faults(questionnaire),
        _of_the_whole(questionnaire),
        _of_questions(questionnaire),
        skip_faults(questionnaire),
        keypad_faults(questionnaire),
    )
    return [Fault(place, rule) for place, rule in found]


def _of_the_whole(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    if sum(question.core for question in questionnaire.questions) not in CORE_QUESTIONS:
        yield "questions", "3 to 5 of them must be core"
    if questionnaire.seconds > MAXIMUM_SECONDS:
        yield "questions", f"{questionnaire.seconds} s estimated, at most {MAXIMUM_SECONDS} s"
    if len({question.kind is QuestionKind.TEXT for question in questionnaire.questions}) != 2:
        yield "questions", "open and closed questions must be mixed"
    known = {section.id for section in questionnaire.sections}
    if known and known != {question.section for question in questionnaire.questions}:
        yield "sections", "every question belongs to one of them, and each has a question"
    if _sections_apart(questionnaire.questions):
        yield "sections", "the questions of one follow each other"


def _sections_apart(questions: Iterable[Question]) -> bool:
    runs = [question.section for question in questions if question.section is not None]
    begun = [name for before, name in zip([None, *runs], runs, strict=False) if name != before]
    return len(begun) != len(set(begun))


def _of_questions(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    seen: dict[str, Question] = {}
    for question in questionnaire.questions:
        place = f"questions.{question.id}"
        broken = {**_shape(question, seen), **_scale(question, questionnaire), **_asking(question, questionnaire)}
        yield from ((place, rule) for rule, is_broken in broken.items() if is_broken)
        seen[question.id] = question


def _shape(question: Question, earlier: Mapping[str, Question]) -> dict[str, bool]:
    dimensions = {one.dimension for one in earlier.values() if one.dimension is not None}
    return {
        "the id is used twice": question.id in earlier,
        f"the dimension {question.dimension} is asked twice": question.dimension in dimensions,
        "a choice needs at least two options": question.kind is QuestionKind.CHOICE and len(question.options) < 2,
        "only a choice has options": question.kind is not QuestionKind.CHOICE and bool(question.options),
        "one yes-or-no question of a kind is enough": question.kind in YES_OR_NO
        and any(one.kind is question.kind for one in earlier.values()),
        "the recommendation is asked once": question.kind is QuestionKind.NPS
        and any(one.kind is QuestionKind.NPS for one in earlier.values()),
    }


def _scale(question: Question, questionnaire: Questionnaire) -> dict[str, bool]:
    labels = set(questionnaire.scales.get(question.scale or "", {}))
    return {
        "a rating needs a scale with labels 1 to 5": question.kind is QuestionKind.RATING
        and labels != {score.value for score in Score},
        "only a rating has a scale, a dimension or alerts": question.kind is not QuestionKind.RATING
        and (question.scale, question.dimension, question.alerts) != (None, None, False),
        "the recommendation needs words for 0 (low) and 10 (high)": question.kind is QuestionKind.NPS
        and (question.low is None or question.high is None),
    }


def _asking(question: Question, questionnaire: Questionnaire) -> dict[str, bool]:
    named = {probe.vague for probe in question.probes if probe.vague is not None}
    required = question.required_for.get(Disposition.COMPLETE, ())
    return {
        "a core question is asked of everybody on every medium": question.core
        and bool(question.when or not set(question.media) >= set(questionnaire.media)),
        "a probe needs its moment (probe_when) and the other way round": (question.probe is None)
        != (question.probe_when is None),
        "give probes or probe, not both": bool(question.probe and question.probes),
        "a probe names a list of vague words that does not exist": not named <= set(questionnaire.vague),
        "give required or required_for, not both": question.required and bool(question.required_for),
        "a question that a partial record needs, a complete one needs too": not set(
            question.required_for.get(Disposition.PARTIAL, ())
        )
        <= set(required),
        "it is required where it is not asked": not set(required) <= set(question.media),
        "it is asked where the questionnaire is not": question.media != tuple(Medium)
        and not set(question.media) <= set(questionnaire.media),
    }
