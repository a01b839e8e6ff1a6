"""Skip rules: whether what they wait for can ever be answered, and comes before."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from contracts.vocabulary import QuestionKind, Solved
from services.survey.questionnaire import Condition, Medium, Question, Questionnaire

_LOWEST = {QuestionKind.RATING: 1, QuestionKind.NPS: 0}
_YES_OR_NO = (QuestionKind.SOLVED, QuestionKind.APPROVAL)


def skip_faults(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """(place, rule) of each."""
    yield from _circles(questionnaire)
    earlier: dict[str, Question] = {}
    for question in questionnaire.questions:
        place = f"questions.{question.id}.when"
        for rule, broken in _references(question, earlier).items():
            if broken:
                yield place, rule
        earlier[question.id] = question
    yield from _unreachable(questionnaire)


def reachable(questionnaire: Questionnaire, medium: Medium) -> frozenset[str]:
    """The questions that some answers bring up on this medium."""
    found: dict[str, Question] = {}
    for question in questionnaire.asked_on(medium):
        if not question.when or any(_can_hold(condition, found) for condition in question.when):
            found[question.id] = question
    return frozenset(found)


def answers_of(question: Question) -> frozenset[str]:
    """The words by which a condition may name its answers."""
    if question.kind in _YES_OR_NO:
        return frozenset(word.value for word in Solved)
    return frozenset(question.options)


def _circles(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    waits = {
        question.id: {condition.question for condition in question.when if condition.question is not None}
        for question in questionnaire.questions
    }
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        circle = " → ".join(dict.fromkeys(error.args[1]))
        yield "questions", f"skip rules go round in a circle: {circle}"


def _references(question: Question, earlier: Mapping[str, Question]) -> dict[str, bool]:
    about = [condition for condition in question.when if condition.question is not None]
    known = [(condition, earlier[condition.question or ""]) for condition in about if condition.question in earlier]
    return {
        "a condition may only look at an earlier question": len(known) < len(about),
        "a condition names an answer that its question does not offer": any(
            not set(condition.answers) <= answers_of(asked) for condition, asked in known
        ),
    }


def _unreachable(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    for medium in questionnaire.offered:
        able = reachable(questionnaire, medium)
        for question in questionnaire.asked_on(medium):
            if question.id not in able:
                yield f"questions.{question.id}.when", f"no answer ever brings it up on the medium {medium}"


def _can_hold(condition: Condition, before: Mapping[str, Question]) -> bool:
    if condition.ratings_at_most is not None:
        return any(question.kind is QuestionKind.RATING for question in before.values())
    asked = before.get(condition.question or "")
    if asked is None:
        return False
    if condition.at_most is not None:
        return asked.kind in _LOWEST and condition.at_most >= _LOWEST[asked.kind]
    return bool(set(condition.answers) & answers_of(asked))
