"""The telephone menu: which keys stand for which answers.

Keys are not scores. The menu says that 1 is very satisfied, so a rating is 6 minus the key; the map belongs to the
prompt that was played and to nothing else.
"""

from collections.abc import Iterator
from typing import get_args

from contracts.vocabulary import Digit, QuestionKind, Score, Solved
from services.survey.questionnaire import Entry, Keypad, Medium, MenuLine, Question, Questionnaire

KEYS_OF_RATING = {Digit(str(6 - score.value)): score.value for score in Score}  # requirement SV6: score = 6 − key
_NOT_ANSWERS = {Digit.STAR, Digit.HASH}
_END_OF_NUMBER = {"zh-CN": "井号", "en": "pound key"}


def keypad_faults(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """(place, rule) of each; a questionnaire without `ivr` is not asked by telephone menu."""
    if not questionnaire.ivr:
        for question in questionnaire.questions:
            if question.ivr is not None:
                yield f"questions.{question.id}.ivr", "the questionnaire has no telephone menu ([ivr])"
        return
    if Medium.IVR not in questionnaire.media:
        yield "ivr", "ivr is not among the media of the questionnaire"
    for line in get_args(MenuLine):
        if line not in questionnaire.ivr:
            yield f"ivr.{line}", "the telephone menu needs this line"
    for question in questionnaire.asked_on(Medium.IVR):
        place = f"questions.{question.id}.ivr"
        if question.ivr is None:
            yield place, "it is asked by telephone menu and needs a prompt"
        else:
            yield from ((place, rule) for rule in _broken(question, question.ivr))


def answers_by_key(question: Question) -> frozenset[int | str]:
    """Every answer that a key must stand for; empty where a number is entered."""
    if question.kind is QuestionKind.RATING:
        return frozenset(score.value for score in Score)
    if question.kind in (QuestionKind.SOLVED, QuestionKind.APPROVAL):
        return frozenset(word.value for word in Solved)
    return frozenset(question.options)


def _broken(question: Question, keypad: Keypad) -> Iterator[str]:
    if question.kind is QuestionKind.TEXT:
        yield "words cannot be typed on a telephone"
        return
    for language, prompt in keypad.prompt.items():
        if question.say(language).replace("|", "").strip() not in prompt:
            yield f"the prompt in {language} asks in other words than the question"
    if question.kind is QuestionKind.NPS:
        yield from _broken_number(keypad)
        return
    if keypad.entry is not Entry.ONE_KEY:
        yield "it is answered with one key"
    if _NOT_ANSWERS & set(keypad.digits):
        yield "* and # are no answers"
    values = list(keypad.digits.values())
    if set(values) != answers_by_key(question) or len(values) != len(set(values)):
        yield "every answer has exactly one key, and every key an answer that is offered"
    elif question.kind is QuestionKind.RATING and keypad.digits != KEYS_OF_RATING:
        yield "key 1 is very satisfied: the score is 6 minus the key"
    for language, prompt in keypad.prompt.items():
        silent = [key.value for key in keypad.digits if key.value not in prompt]
        if silent:
            yield f"the prompt in {language} does not name the key {', '.join(silent)}"


def _broken_number(keypad: Keypad) -> Iterator[str]:
    # reading 12: 10 has two digits, so a single key cannot tell 1 from the beginning of 10
    if keypad.entry is not Entry.NUMBER or keypad.digits:
        yield '0 to 10 is entered as a number (entry = "number"), without a map of keys'
    for language, prompt in keypad.prompt.items():
        if _END_OF_NUMBER.get(language, "") not in prompt:
            yield f"the prompt in {language} does not say that # ({_END_OF_NUMBER.get(language)}) ends the number"
