"""How long a questionnaire takes, and on what that estimate rests."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.vocabulary import QuestionKind
from services.survey.questionnaire import SECONDS_FOR, Question, Questionnaire


@dataclass(frozen=True)
class Estimate:
    """`counted`: questions of everybody by kind, on any medium. `follow_ups`: seconds that only some answers add."""

    counted: tuple[tuple[QuestionKind, int], ...]
    follow_ups: int

    @property
    def seconds(self) -> int:
        return sum(number * SECONDS_FOR[kind] for kind, number in self.counted)

    @property
    def basis(self) -> str:
        """Assumed means, the answer included; a text is 20 s because half of the customers leave it."""
        return " + ".join(f"{number} × {kind} {SECONDS_FOR[kind]} s" for kind, number in self.counted)


def estimate(questionnaire: Questionnaire) -> Estimate:
    asked = questionnaire.questions
    return Estimate(
        counted=tuple(sorted(Counter(question.kind for question in asked if not question.when).items())),
        follow_ups=_seconds(question for question in asked if question.when),
    )


def _seconds(questions: Iterable[Question]) -> int:
    return sum(SECONDS_FOR[question.kind] for question in questions)
