from collections.abc import Mapping

from contracts.answers import AnswerSheet, Demand
from contracts.context import ServiceContext
from contracts.events.tagging import Band, Provenance
from contracts.vocabulary import Dimension, ItemKind, Mood, Scenario, Severity
from services.tagging.items import Tagged, tag
from services.tagging.lexicon import shipped
from tests.unit.tagging.builders import a_context, a_sheet, nps, rating


def tagged(sheet: AnswerSheet, texts: Mapping[str, str] | None = None, context: ServiceContext | None = None) -> Tagged:
    return tag("r-1", sheet, texts=texts or {}, context=context or a_context(), lexicon=shipped())


def problems(result: Tagged) -> list[tuple[str, tuple[str, ...], Severity]]:
    return [(i.department, i.codes, i.severity) for i in result.items if i.kind is ItemKind.PROBLEM]


LOW = a_sheet(rating(Dimension.OVERALL, 2))
GOOD = a_sheet(rating(Dimension.OVERALL, 5))


def test_a_low_score_without_words_is_a_problem_of_the_handlers_department() -> None:
    assert problems(tagged(LOW)) == [("repair", ("unspecified",), Severity.MINOR)]


def test_a_low_dimension_without_words_names_the_problem_type() -> None:
    sheet = a_sheet(rating(Dimension.OVERALL, 3), rating(Dimension.ATTITUDE, 1), rating(Dimension.RESPONSE_SPEED, 2))
    assert problems(tagged(sheet)) == [("repair", ("attitude", "response_speed"), Severity.MAJOR)]


def test_a_low_rating_of_the_callback_itself_raises_nothing() -> None:
    sheet = a_sheet(rating(Dimension.OVERALL, 5), rating(Dimension.CALLBACK, 1, alerts=False))
    assert tagged(sheet).items == ()


def test_a_problem_text_at_a_good_score_is_a_remark() -> None:
    assert problems(tagged(GOOD, {"why": "客服态度差"})) == [("service_desk", ("attitude",), Severity.REMARK)]


def test_a_detractor_with_good_scores_is_flagged_as_a_remark() -> None:
    result = tagged(a_sheet(rating(Dimension.OVERALL, 4), nps(3)))
    assert problems(result) == [("repair", ("detractor",), Severity.REMARK)]
    assert result.sheet.detractor


def test_a_detractor_with_a_low_score_is_one_case() -> None:
    assert len(problems(tagged(a_sheet(rating(Dimension.OVERALL, 1), nps(0))))) == 1


def test_one_answer_splits_into_problem_suggestion_praise_and_new_demand() -> None:
    text = "热线一直打不通。师傅很耐心。建议增加短信通知。还想再装一台。"
    kinds = {(i.kind, i.department) for i in tagged(LOW, {"why": text}).items}
    assert (ItemKind.PROBLEM, "service_desk") in kinds
    assert (ItemKind.PRAISE, "repair") in kinds
    assert {kind for kind, _ in kinds} >= {ItemKind.SUGGESTION}


def test_problems_of_two_departments_are_two_items() -> None:
    text = "送货的师傅不耐烦。发票多收了钱。"
    assert {(d, c) for d, c, _ in problems(tagged(LOW, {"why": text}))} == {
        ("logistics", ("attitude",)),
        ("billing", ("process",)),
    }


def test_without_words_and_team_the_default_department_is_a_fallback() -> None:
    item = tagged(LOW, context=a_context(team="神秘小队")).items[0]
    assert (item.department, item.fallback) == ("service_desk", True)


def test_the_department_gets_the_sentence_and_the_tag_marks_the_words() -> None:
    text = "都还行。安装师傅迟到了两小时！谢谢。"
    result = tagged(LOW, {"why": text})
    span = result.items[0].spans[0]
    assert text[span.start : span.end] == "安装师傅迟到了两小时！"
    mark = next(t for t in result.sheet.tags if t.code == "response_speed").spans[0]
    assert text[mark.start : mark.end] == "迟到"


def test_the_same_response_always_has_the_same_items() -> None:
    once = tagged(LOW, {"why": "师傅态度差"})
    assert once == tagged(LOW, {"why": "师傅态度差"})


def test_the_agents_mark_is_a_tag_of_a_person_and_names_the_problem() -> None:
    result = tagged(a_sheet(rating(Dimension.OVERALL, 2), problem_type="流程缺陷"))
    assert problems(result) == [("repair", ("process",), Severity.MINOR)]
    assert [t.provenance for t in result.sheet.tags] == [Provenance.PERSON]


def test_severity_grows_with_score_complaint_mood_and_level() -> None:
    one = a_sheet(rating(Dimension.OVERALL, 1))
    complaint = a_context(scenario=Scenario.COMPLAINT)
    assert problems(tagged(one))[0][2] is Severity.MAJOR
    assert problems(tagged(one, context=complaint))[0][2] is Severity.CRITICAL
    assert problems(tagged(LOW, context=complaint))[0][2] is Severity.MAJOR
    assert problems(tagged(LOW, context=a_context(level="VIP3")))[0][2] is Severity.MAJOR
    agitated = a_sheet(rating(Dimension.OVERALL, 1), mood=Mood.AGITATED)
    assert problems(tagged(agitated))[0][2] is Severity.CRITICAL


def test_a_critical_item_is_due_sooner() -> None:
    one = a_sheet(rating(Dimension.OVERALL, 1))
    assert tagged(one).items[0].due_policy == "working_days:2"
    assert tagged(one, context=a_context(scenario=Scenario.COMPLAINT)).items[0].due_policy == "working_days:1"


def test_every_score_has_its_band() -> None:
    sheet = a_sheet(rating(Dimension.OVERALL, 4), rating(Dimension.ATTITUDE, 5), rating(Dimension.COMPETENCE, 2))
    assert tagged(sheet).sheet.bands == {
        Dimension.OVERALL: Band.MIDDLE,
        Dimension.ATTITUDE: Band.HIGH,
        Dimension.COMPETENCE: Band.LOW,
    }


def test_the_scores_count_where_texts_and_context_are_gone() -> None:
    result = tag("r-1", LOW, texts={}, context=None, lexicon=shipped())
    assert problems(result) == [("service_desk", ("unspecified",), Severity.MINOR)]


def test_a_demand_that_the_agent_noted_goes_to_the_department_it_was_promised_to() -> None:
    noted = (Demand(text="new_demand.1", department="installation"), Demand(text="new_demand.2", department="nowhere"))
    sheet = AnswerSheet(answers=(), demands=noted)
    words = {"new_demand.1": "净水器也想再装一台", "new_demand.2": "别的"}
    [item] = [item for item in tagged(sheet, words).items if item.kind is ItemKind.NEW_DEMAND]
    assert (item.department, item.spans) == ("installation", (("new_demand.1", 0, 9),))


def test_strong_words_make_a_minor_problem_major_and_a_remark_stays_one() -> None:
    assert problems(tagged(LOW, {"why": "客服态度差"}))[0][2] is Severity.MINOR
    assert problems(tagged(LOW, {"why": "客服态度差得离谱"}))[0][2] is Severity.MAJOR
    assert problems(tagged(GOOD, {"why": "客服态度差得离谱"}))[0][2] is Severity.REMARK


def test_words_of_going_to_court_are_a_sign_of_the_customer_unless_denied() -> None:
    assert tagged(LOW, {"why": "再这样我就起诉你们"}).sheet.signs == ("complaint_risk",)
    assert tagged(LOW, {"why": "我没有起诉的意思"}).sheet.signs == ()
