"""Signs of a careless record are flagged with what was measured, and only where the pace is known."""

from contracts.events.parts import CallbackPart
from contracts.vocabulary import Purpose, Score
from services.survey.catalogue import newest
from services.survey.interview import Given, PartForm, checked
from services.survey.quality import flags
from services.survey.questionnaire import Medium

FORM = newest("after_sale")
RATINGS = [question for question in FORM.questions if question.alerts]


def a_form(*, milliseconds: int | None, scores: tuple[int, ...] = (5, 5, 5, 5, 5)) -> PartForm:
    answers = {q.id: checked(q, Given(value=Score(s)))[0] for q, s in zip(RATINGS, scores, strict=True)}
    elapsed = {} if milliseconds is None else dict.fromkeys(answers, milliseconds)
    part = CallbackPart(part_id="p1", purpose=Purpose.SURVEY, round=1, questionnaire="after_sale")
    return PartForm(part, FORM, Medium.WEB, answers=answers, elapsed_ms=elapsed)


def test_answers_given_at_a_human_pace_carry_no_flag() -> None:
    assert flags(a_form(milliseconds=3000)) == ()


def test_unknown_pace_is_not_held_against_anybody() -> None:
    assert flags(a_form(milliseconds=None)) == ()


def test_faster_than_reading_is_flagged_and_equal_ratings_besides() -> None:
    assert [flag.code for flag in flags(a_form(milliseconds=50))] == ["too_fast", "straight_lining"]


def test_faster_than_reading_with_different_ratings_is_no_straight_line() -> None:
    assert [flag.code for flag in flags(a_form(milliseconds=50, scores=(5, 4, 5, 3, 5)))] == ["too_fast"]
