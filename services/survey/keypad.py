"""What the keys of a telephone mean after one prompt. A key is never a score."""

from dataclasses import dataclass

from contracts.vocabulary import Digit
from services.survey.questionnaire import Entry, Question

_END = Digit.HASH.value
MOST_DIGITS = 2  # 10 is the longest number asked for


@dataclass(frozen=True)
class Pressed:
    """`value`: a score, likelihood, yes, no, unsure, or the key of an option. `digit`: the key, where it was one."""

    value: int | str
    digit: Digit | None


def pressed(question: Question, keys: str) -> Pressed | None:
    """The answer that these keys give after the prompt of `question`; None when they are not offered.

    A number may end with `#`; without it a pause ended it. `*`, `#` alone and silence are no answers.
    """
    if question.ivr is None:
        return None
    if question.ivr.entry is Entry.NUMBER:
        return _number(keys.removesuffix(_END))
    try:
        digit = Digit(keys)
    except ValueError:
        return None
    value = question.ivr.digits.get(digit)
    return None if value is None else Pressed(value, digit)


def _number(digits: str) -> Pressed | None:
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS
    if not is_number or int(digits) > 10 or (len(digits) > 1 and digits[0] == "0"):
        return None
    return Pressed(int(digits), None)
