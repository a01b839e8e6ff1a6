"""The same respondent by telephone, on a page and in a table gives one record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.answers import AnswerSheet
from contracts.events.parts import CallbackPart
from contracts.vocabulary import AnswerState, Digit, QuestionKind
from services.survey.catalogue import catalogue
from services.survey.forms import with_answer
from services.survey.interview import Given, InvalidAnswer, Marks, PartForm
from services.survey.keypad import pressed
from services.survey.questionnaire import Medium, Question, Questionnaire
from services.survey.renderings.sheet import Cell, Unit, UnknownColumn, columns, read_cell, read_heading
from services.survey.renderings.web import read_post
from services.survey.routing import next_question
from tests.unit.survey.forms import things_said

FORMS = st.sampled_from(list(catalogue().values()))


def blank(form: Questionnaire, medium: Medium) -> PartForm:
    part = CallbackPart(part_id="p1", purpose=form.purpose, round=1, questionnaire=form.id)
    return PartForm(part=part, questionnaire=form, medium=medium)


def on_the_web(question: Question, meant: Given) -> Given:
    if meant.state is not AnswerState.ANSWERED:
        return read_post(question, {"do": "skip"})
    return read_post(question, {"do": "next", "answer": str(meant.value), "text": meant.text or ""})


def in_a_table(question: Question, unit: Unit, meant: Given) -> Given:
    value = read_cell(question, unit, cell_of(question, unit, meant))
    if isinstance(value, AnswerState):
        return Given(state=value)
    return Given(text=str(value)) if unit is Unit.TEXT else Given(value=value)


def cell_of(question: Question, unit: Unit, meant: Given) -> Cell:
    """What a person types into the workbook; Excel keeps numbers as floats."""
    if meant.state is not AnswerState.ANSWERED:
        return {AnswerState.NOT_ANSWERED: "未回答", AnswerState.REFUSED: "拒答"}[meant.state]
    if unit is Unit.SCORE:
        return float(str(meant.value))
    if unit is Unit.KEY:
        assert question.ivr is not None
        keys = {answer: key for key, answer in question.ivr.digits.items()}
        return float(keys[meant.value].value) if meant.value in keys else float(str(meant.value))
    return meant.text if unit is Unit.TEXT else str(meant.value)


def record(form: Questionnaire, medium: Medium, meant: dict[str, Given], unit: Unit | None = None) -> AnswerSheet:
    """Everything that is asked on this medium, answered its way. Only on the page one cannot say that one refuses."""
    filled = blank(form, medium)
    while (question := next_question(form, medium, filled.answers)) is not None:
        said = meant[question.id]
        if medium is Medium.WEB:
            said = on_the_web(question, said)
        if medium is Medium.SHEET:
            offered = [*[one.unit for one in columns(form, "en") if one.question_id == question.id]]
            wanted = unit if unit is Unit.KEY and question.ivr is not None else offered[0]
            assert read_heading(form, f"{question.id}.{wanted}") == (question, wanted)
            said = in_a_table(question, wanted, said)
        filled = with_answer(filled, question, said)
    return filled.sheet(Marks())


@given(form=FORMS, data=st.data())
def test_the_same_respondent_gives_the_same_record_by_telephone_on_a_page_and_in_a_table(
    form: Questionnaire, data: st.DataObject
) -> None:
    meant = {question.id: data.draw(things_said(question)) for question in form.questions}
    # a page has one way to leave a question: it is not answered
    meant = {
        name: Given(state=AnswerState.NOT_ANSWERED) if one.state is AnswerState.REFUSED else one
        for name, one in meant.items()
    }
    everywhere = {q.id for q in form.questions if {Medium.AGENT, Medium.WEB, Medium.SHEET} <= set(q.media)}
    records = [
        record(form, Medium.AGENT, meant), record(form, Medium.WEB, meant), record(form, Medium.SHEET, meant),
        record(form, Medium.SHEET, meant, Unit.KEY),
    ]  # fmt: skip
    common = [[answer for answer in one.answers if answer.question_id in everywhere] for one in records]
    assert common[0] == common[1] == common[2] == common[3]
    for one in records[1:]:
        others = [answer.state for answer in one.answers if answer.question_id not in everywhere]
        assert set(others) <= {AnswerState.NOT_ASKED}


def test_a_telephone_key_is_six_minus_the_score_and_ten_has_two_digits() -> None:
    form = catalogue()["after_sale", 2]
    overall, nps = form.question("overall"), form.question("nps")
    assert overall is not None and nps is not None
    key = pressed(overall, "1")
    assert key is not None and (key.value, key.digit) == (5, Digit.ONE)
    assert [pressed(overall, keys) for keys in ("0", "6", "*", "#", "", "11")] == [None] * 6
    assert [pressed(nps, keys).value for keys in ("10#", "10", "1#", "0")] == [10, 10, 1, 0]  # type: ignore[union-attr]
    assert [pressed(nps, keys) for keys in ("11#", "#", "", "010", "1*")] == [None] * 5
    assert nps.kind is QuestionKind.NPS


@pytest.mark.parametrize(
    "name", ["overall", "overall.", "overall.stars", "overall.text", "remarks.score", "callback.score", "x"]
)
def test_a_column_that_does_not_say_what_it_holds_is_refused(name: str) -> None:
    with pytest.raises(UnknownColumn) as refused:
        read_heading(catalogue()["after_sale", 2], name)
    assert refused.value.name == name


def test_a_score_of_five_and_a_key_of_five_are_opposites() -> None:
    overall = catalogue()["after_sale", 2].question("overall")
    assert overall is not None
    assert (read_cell(overall, Unit.SCORE, 5.0), read_cell(overall, Unit.KEY, 5.0)) == (5, 1)


@pytest.mark.parametrize(
    ("unit", "cell"), [(Unit.SCORE, "4.5"), (Unit.SCORE, "很好"), (Unit.KEY, "6"), (Unit.KEY, "*")]
)
def test_a_cell_that_is_no_answer_is_refused_without_being_repeated(unit: Unit, cell: str) -> None:
    overall = catalogue()["after_sale", 2].question("overall")
    assert overall is not None
    with pytest.raises(InvalidAnswer) as refused:
        read_cell(overall, unit, cell)
    assert refused.value.question_id == "overall"
    assert cell not in refused.value.rule
