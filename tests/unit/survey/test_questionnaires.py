"""Questionnaires as data: what a file must hold, and what the answers bring up."""

import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.answers import Answer
from contracts.vocabulary import AnswerState, Channel, QuestionKind, ResponseStatus, Score
from services.survey import routing
from services.survey.catalogue import PUBLISHED, UnknownQuestionnaire, catalogue, exactly, file_name, newest
from services.survey.checking import checked
from services.survey.interview import Given, InvalidAnswer
from services.survey.questionnaire import Medium, Question
from services.survey.questionnaire_file import InvalidQuestionnaire, content_hash, parse

AFTER_SALE = newest("after_sale")
PROGRESS = newest("progress")
SOURCE = (resources.files("services.survey") / "questionnaires" / "after_sale.v1.toml").read_text(encoding="utf-8")
MEDIA = st.sampled_from(list(Medium))
FORMS = st.sampled_from([AFTER_SALE, PROGRESS])


def given_for(question: Question, score: int = 5) -> Given:
    values: dict[QuestionKind, Any] = {QuestionKind.NPS: 9, QuestionKind.SOLVED: "yes", QuestionKind.RATING: score}
    if question.kind is QuestionKind.TEXT:
        return Given(text="等了三天")
    return Given(value=values[question.kind])


def heard(question: Question, given: Given | None = None) -> Answer:
    return checked(question, given or given_for(question))[0]


@st.composite
def some_given(draw: st.DrawFn, question: Question) -> Given:
    if draw(st.booleans()) and draw(st.booleans()):
        return Given(state=draw(st.sampled_from([AnswerState.NOT_ANSWERED, AnswerState.REFUSED])))
    if question.kind is QuestionKind.SOLVED:
        return Given(value=draw(st.sampled_from(["yes", "no", "unsure"])))
    return given_for(question, draw(st.integers(1, 5)))


@given(form=FORMS, medium=MEDIA, data=st.data())
def test_answering_what_comes_next_always_ends_and_never_asks_twice(
    form: Any, medium: Medium, data: st.DataObject
) -> None:
    answers: dict[str, Answer] = {}
    while (question := routing.next_question(form, medium, answers)) is not None:
        assert question.id not in answers
        before = [asked.id for asked in routing.route(form, medium, answers)]
        answers[question.id] = heard(question, data.draw(some_given(question)))
        after = [asked.id for asked in routing.route(form, medium, answers)]
        settled_part = before[: before.index(question.id) + 1]
        assert after[: len(settled_part)] == settled_part
    assert routing.missing(form, medium, answers) == ()
    sheet = routing.sheet_order(form, medium, answers)
    assert [answer.question_id for answer in sheet] == [question.id for question in form.questions]


@given(data=st.data())
def test_reason_is_asked_exactly_after_a_rating_of_one_or_two(data: st.DataObject) -> None:
    ratings = [question for question in AFTER_SALE.questions if question.alerts]
    answers = {q.id: heard(q, Given(value=data.draw(st.integers(1, 5)))) for q in ratings}
    low = any(answer.score is not None and answer.score <= Score.DISSATISFIED for answer in answers.values())
    asked = {question.id for question in routing.route(AFTER_SALE, Medium.WEB, answers)}
    assert ("reason" in asked) == low


def test_record_with_everything_required_is_complete_and_names_what_was_not_asked() -> None:
    answers = {q.id: heard(q) for q in routing.route(AFTER_SALE, Medium.WEB, {})}
    assert routing.status(AFTER_SALE, Medium.WEB, answers) is ResponseStatus.COMPLETE
    states = {a.question_id: a.state for a in routing.sheet_order(AFTER_SALE, Medium.WEB, answers)}
    assert states["reason"] is AnswerState.NOT_ASKED
    assert states["callback"] is AnswerState.NOT_ASKED


def test_half_answered_record_is_partial_and_a_silent_one_is_none() -> None:
    first = AFTER_SALE.questions[0]
    assert routing.status(AFTER_SALE, Medium.WEB, {first.id: heard(first)}) is ResponseStatus.PARTIAL
    silent = {q.id: heard(q, Given(state=AnswerState.REFUSED)) for q in routing.route(AFTER_SALE, Medium.WEB, {})}
    assert routing.status(AFTER_SALE, Medium.WEB, silent) is None


def test_two_core_questions_left_out_make_a_record_partial_though_nothing_is_missing() -> None:
    answers = {q.id: heard(q) for q in routing.route(AFTER_SALE, Medium.WEB, {})}
    for left_out in ("nps", "solved"):
        question = AFTER_SALE.question(left_out)
        assert question is not None
        answers[left_out] = heard(question, Given(state=AnswerState.NOT_ANSWERED))
    assert routing.missing(AFTER_SALE, Medium.WEB, answers) == ()
    assert routing.status(AFTER_SALE, Medium.WEB, answers) is ResponseStatus.PARTIAL


def test_answer_to_a_question_that_no_longer_applies_is_not_in_the_record() -> None:
    overall, reason = AFTER_SALE.question("overall"), AFTER_SALE.question("reason")
    assert overall is not None
    assert reason is not None
    answers = {"overall": heard(overall, Given(value=5)), "reason": heard(reason)}
    states = {a.question_id: a.state for a in routing.sheet_order(AFTER_SALE, Medium.WEB, answers)}
    assert states["reason"] is AnswerState.NOT_ASKED


@pytest.mark.parametrize("value", [0, 6, "5", True, 3.0, None])
def test_a_score_is_a_whole_number_from_one_to_five(value: Any) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        checked(AFTER_SALE.questions[0], Given(value=value))
    assert refused.value.question_id == "overall"
    assert refused.value.rule == "must be a whole number from 1 to 5"


def test_refusal_takes_no_value_and_text_has_a_limit() -> None:
    with pytest.raises(InvalidAnswer):
        checked(AFTER_SALE.questions[0], Given(value=3, state=AnswerState.REFUSED))
    remarks = AFTER_SALE.question("remarks")
    assert remarks is not None
    with pytest.raises(InvalidAnswer, match="at most 500"):
        checked(remarks, Given(text="字" * 501))


def test_hash_knows_the_content_and_not_the_layout() -> None:
    loaded = tomllib.loads(SOURCE)
    turned = dict(reversed(loaded.items()))
    assert (
        parse(SOURCE + "\n# a remark\n", "x").content_hash
        == content_hash(turned)
        == exactly("after_sale", 1).content_hash
    )
    assert parse(SOURCE.replace("响应速度", "反应速度"), "x").content_hash != AFTER_SALE.content_hash


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('kind = "nps"', 'kind = "guess"', "kind"),
        ('scale = "satisfaction"\ncore', 'scale = "nowhere"\ncore', "scale with labels 1 to 5"),
        ('id = "solved"', 'id = "overall"', "the id is used twice"),
        ('en = "Was your problem solved |the first time?"', 'en = ""', "no text in en"),
        ("when = [{ ratings_at_most = 2 }]", 'when = [{ question = "remarks", at_most = 2 }]', "an earlier question"),
        ("core = true", "core = false", "3 to 5 of them must be core"),
    ],
)
def test_faulty_file_is_refused_with_its_name_and_the_reason(old: str, new: str, reason: str) -> None:
    assert old in SOURCE
    with pytest.raises(InvalidQuestionnaire) as refused:
        parse(SOURCE.replace(old, new), "after_sale.v9.toml")
    assert refused.value.file == "after_sale.v9.toml"
    assert reason in str(refused.value)


def test_every_shipped_file_is_found_by_its_id_and_version() -> None:
    folder = resources.files("services.survey") / "questionnaires"
    files = {file.name for file in folder.iterdir() if file.name != PUBLISHED}
    assert {file_name(questionnaire) for questionnaire in catalogue().values()} == files
    assert exactly("progress", 2) is newest("progress")
    with pytest.raises(UnknownQuestionnaire):
        newest("nowhere")


def test_rating_of_the_callback_itself_raises_no_alert_and_has_its_own_question() -> None:
    for form in (AFTER_SALE, PROGRESS):
        question = form.question("callback")
        assert question is not None
        assert not question.alerts


def test_messages_lead_to_the_web_form_and_vague_words_are_known() -> None:
    assert routing.medium_of(Channel.EMAIL) is Medium.WEB
    assert routing.is_vague("满意。")
    assert not routing.is_vague("师傅来得很准时")


def test_phrase_marks_never_glue_two_english_words_together() -> None:
    for form in catalogue().values():
        for question in form.questions:
            first, *others = question.say("en").split("|")
            assert all(left.endswith(" ") for left in (first, *others)[:-1]), question.id
