"""Answers and contexts with only what a test is about."""

from datetime import UTC, datetime

from contracts.answers import Answer, AnswerSheet
from contracts.context import Handler, ServiceContext
from contracts.vocabulary import AnswerState, Dimension, Mood, QuestionKind, Scenario, Score


def rating(dimension: Dimension, score: int, *, alerts: bool = True) -> Answer:
    return Answer(
        question_id=dimension.value,
        kind=QuestionKind.RATING,
        state=AnswerState.ANSWERED,
        dimension=dimension,
        score=Score(score),
        alerts=alerts,
    )


def nps(likelihood: int) -> Answer:
    return Answer(question_id="nps", kind=QuestionKind.NPS, state=AnswerState.ANSWERED, likelihood=likelihood)


def a_sheet(*answers: Answer, mood: Mood | None = None, problem_type: str | None = None) -> AnswerSheet:
    return AnswerSheet(answers=answers, mood=mood, problem_type=problem_type)


def a_context(
    team: str | None = "华东维修一组", *, scenario: Scenario = Scenario.AFTER_SALE, level: str | None = None
) -> ServiceContext:
    return ServiceContext(
        scenario=scenario, completed_at=datetime(2026, 10, 15, tzinfo=UTC), handler=Handler(team=team), level=level
    )
