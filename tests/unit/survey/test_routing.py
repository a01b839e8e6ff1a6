"""Which question comes next and what is missing: what holds for every questionnaire, shipped or drawn."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.answers import Answer
from contracts.vocabulary import AnswerState, Disposition, ResponseStatus
from services.survey import routing
from services.survey.catalogue import catalogue
from services.survey.checking import checked
from services.survey.interview import Given
from services.survey.questionnaire import Medium, Question, Questionnaire
from tests.unit.survey.forms import MEDIA, WORDS, questionnaires, things_said

FORMS = st.one_of(st.sampled_from(list(catalogue().values())), questionnaires())


def walked(form: Questionnaire, medium: Medium, data: st.DataObject) -> dict[str, Answer]:
    """Answers every question that comes, and looks at each step."""
    answers: dict[str, Answer] = {}
    order = [question.id for question in form.questions]
    last = -1
    while (question := routing.next_question(form, medium, answers)) is not None:
        assert question.id not in answers, "asked twice"
        assert medium in question.media, "asked on another medium"
        assert order.index(question.id) > last, "out of order"
        last = order.index(question.id)
        before = routing.route(form, medium, answers)
        answers[question.id] = checked(question, data.draw(things_said(question)))[0]
        kept = before[: before.index(question) + 1]
        assert routing.route(form, medium, answers)[: len(kept)] == kept, "an answer changed what was settled"
    return answers


@given(form=FORMS, medium=MEDIA, data=st.data())
def test_every_way_through_ends_in_strict_order_without_asking_twice(
    form: Questionnaire, medium: Medium, data: st.DataObject
) -> None:
    answers = walked(form, medium, data)
    assert set(answers) == {question.id for question in routing.route(form, medium, answers)}


@given(form=FORMS, medium=MEDIA, data=st.data())
def test_a_core_question_is_put_to_everybody_on_every_medium_it_is_offered_on(
    form: Questionnaire, medium: Medium, data: st.DataObject
) -> None:
    if medium in form.offered:
        assert {question.id for question in form.questions if question.core} <= set(walked(form, medium, data))


@given(form=FORMS, medium=MEDIA, data=st.data())
def test_a_record_may_close_exactly_when_all_that_its_outcome_requires_is_settled(
    form: Questionnaire, medium: Medium, data: st.DataObject
) -> None:
    whole = walked(form, medium, data)
    dropped = data.draw(st.sets(st.sampled_from([question.id for question in form.questions])))
    answers = {name: answer for name, answer in whole.items() if name not in dropped}
    for outcome in (Disposition.COMPLETE, Disposition.PARTIAL):
        required = {q.id for q in routing.route(form, medium, answers) if q.required_on(medium, outcome)}
        missing = {question.id for question in routing.missing(form, medium, answers, outcome)}
        assert missing == required - set(answers)
        assert routing.missing(form, medium, whole, outcome) == ()
    if routing.missing(form, medium, answers):
        assert routing.status(form, medium, answers) is not ResponseStatus.COMPLETE


@given(form=FORMS, medium=MEDIA, data=st.data())
def test_the_record_has_one_entry_a_question_and_tells_not_asked_from_not_answered(
    form: Questionnaire, medium: Medium, data: st.DataObject
) -> None:
    answers = walked(form, medium, data)
    sheet = routing.sheet_order(form, medium, answers)
    assert [answer.question_id for answer in sheet] == [question.id for question in form.questions]
    put = {answer.question_id for answer in sheet if answer.state is not AnswerState.NOT_ASKED}
    assert put == set(answers)


@given(form=FORMS, medium=MEDIA, data=st.data())
def test_a_corrected_answer_brings_up_what_follows_from_it_and_drops_the_rest(
    form: Questionnaire, medium: Medium, data: st.DataObject
) -> None:
    answers = walked(form, medium, data)
    if not answers:
        return
    name = data.draw(st.sampled_from(sorted(answers)))
    question = form.question(name)
    assert question is not None
    answers[name] = checked(question, data.draw(things_said(question)))[0]
    for upcoming in iter(lambda: routing.next_question(form, medium, answers), None):
        assert upcoming.id not in answers
        answers[upcoming.id] = checked(upcoming, Given(state=AnswerState.REFUSED))[0]
    assert routing.missing(form, medium, answers) == ()


def test_what_only_the_agent_must_ask_keeps_no_page_from_closing() -> None:
    document = {"id": "mood", "kind": "text", "text": WORDS, "required_for": {"complete": ["agent"]}}
    question = Question.model_validate(document)
    assert [question.required_on(medium) for medium in (Medium.AGENT, Medium.WEB)] == [True, False]
    assert not question.required_on(Medium.AGENT, Disposition.PARTIAL)
    assert question.must_be_settled
