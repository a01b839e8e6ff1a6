"""New demands of a call as part of its answers: the words among the texts, the department on the sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.answers import AnswerSheet, AnswerTexts, Demand

_TEXT = "new_demand.{number}"


@dataclass(frozen=True)
class Demanded:
    """`words` are None after an erasure."""

    words: str | None
    department: str


def with_demands(texts: AnswerTexts, demands: Sequence[Demanded]) -> AnswerTexts:
    """The texts of the answers and the words of the demands, each under the name that its `Demand.text` gives."""
    words = {_name(number): one.words for number, one in enumerate(demands, 1) if one.words is not None}
    return AnswerTexts(texts={**texts.texts, **words})


def demanded(sheet: AnswerSheet, demands: Sequence[Demanded]) -> AnswerSheet:
    named = [Demand(text=_name(number), department=one.department) for number, one in enumerate(demands, 1)]
    return sheet.model_copy(update={"demands": tuple(named)})


def _name(number: int) -> str:
    return _TEXT.format(number=number)
