"""The canonical record of one response: the same, whether an agent, a page, a keypad or a file gave the answers.

Everything here but text travels sealed as facts; texts travel apart, sealed under the customer's own key.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from contracts.vocabulary import AnswerState, Digit, Dimension, Likelihood, Mood, QuestionKind, Score, Solved


class Answer(BaseModel):
    """One answer. Exactly one value field is set when `state` is answered (text: none, it lies in the texts)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question_id: str
    kind: QuestionKind
    state: AnswerState
    dimension: Dimension | None = None
    score: Score | None = None
    likelihood: Likelihood | None = None
    solved: Solved | None = None
    choice: str | None = None
    digit: Digit | None = None
    """The key pressed on a telephone, kept beside the score it stood for."""
    alerts: bool = False
    """A low score here is flagged; the rating of the callback itself is not."""

    @model_validator(mode="after")
    def _value_goes_with_state(self) -> Self:
        values = (self.score, self.likelihood, self.solved, self.choice)
        found = len(values) - values.count(None)
        expected = 1 if self.state is AnswerState.ANSWERED and self.kind is not QuestionKind.TEXT else 0
        if found != expected:
            raise ValueError(f"question {self.question_id}: state {self.state} takes {expected} values, got {found}")
        return self


class Demand(BaseModel):
    """A wish for something new that the agent noted. `text`: where its words lie in the texts of the response."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str
    department: str


class AnswerSheet(BaseModel):
    """All answers of one response, in the questionnaire's order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    answers: tuple[Answer, ...]
    mood: Mood | None = None
    negative_remarks: bool = False
    problem_type: str | None = None
    """The agent's own mark, beside what the rules will find."""
    demands: tuple[Demand, ...] = ()
    """New demands that the agent noted, each promised to its department."""

    def score(self, dimension: Dimension) -> Score | None:
        return next((a.score for a in self.answers if a.dimension is dimension and a.score is not None), None)


class AnswerTexts(BaseModel):
    """Open answers by question id, and words of demands by `Demand.text`; sealed under the customer's key."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    texts: dict[str, str] = {}
