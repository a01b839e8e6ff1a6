from hypothesis import given
from hypothesis import strategies as st

from services.tagging.finding import find
from services.tagging.lexicon import shipped
from services.tagging.matching import Group


def codes(text: str, group: Group = Group.PROBLEM) -> set[str]:
    return {finding.code for finding in find({"q": text}, shipped()) if finding.group is group}


def test_each_problem_type_is_found_with_its_words() -> None:
    assert codes("师傅态度很差") == {"attitude"}
    assert codes("等了三天才有人联系") == {"response_speed"}
    assert codes("修了两次还是没修好") == {"competence"}
    assert codes("上门又没带配件") == {"process"}


def test_the_span_marks_the_words_in_the_text_as_it_was_given() -> None:
    text = "㎡计费没问题，但师傅ＡＢ态度差！"
    finding = next(f for f in find({"q": text}, shipped()) if f.group is Group.PROBLEM)
    assert text[finding.start : finding.end] == "态度差"


def test_a_negated_blame_is_no_problem() -> None:
    assert codes("师傅没有不耐烦") == set()
    assert codes("并不敷衍") == set()


def test_a_double_negation_cancels_itself() -> None:
    assert codes("不是没有敷衍") == {"attitude"}


def test_negated_praise_is_a_problem_and_no_praise() -> None:
    assert codes("客服不是很专业") == {"competence"}
    assert codes("客服不是很专业", Group.PRAISE) == set()


def test_what_is_praised_in_quotes_or_by_two_negations_is_no_praise() -> None:
    assert codes("真“贴心”啊", Group.PRAISE) == set()
    assert codes("不能说不热情", Group.PRAISE) == set()
    assert codes("真贴心", Group.PRAISE) == {"praise"}


def test_a_far_negation_reaches_to_the_end_of_its_clause_and_no_further() -> None:
    assert codes("没有觉得他们几位当时敷衍") == set()
    assert codes("没有觉得怎么样，他们几位敷衍") == {"attitude"}


def test_a_negation_between_the_parts_of_a_term_counts() -> None:
    assert codes("态度确实很差") == {"attitude"}
    assert codes("态度并不差") == set()
    assert codes("态度，差") == set()
    assert codes("不是态度不差") == {"attitude"}


def test_a_term_that_asks_for_a_word_is_not_found_inside_another() -> None:
    assert codes("修得慢") == {"response_speed"}
    assert codes("你们慢慢来") == set()


def test_full_width_and_small_letters_are_the_same_words() -> None:
    assert codes("ＡＰＰ　闪退") == codes("app 闪退") == {"competence"}


def test_a_word_that_only_looks_like_a_negation_turns_nothing_round() -> None:
    assert codes("不但敷衍，还迟到") == {"attitude", "response_speed"}


def test_a_negation_in_another_clause_does_not_reach_over() -> None:
    assert codes("没事，态度差") == {"attitude"}


def test_praise_in_a_complaint_is_found_beside_the_problem() -> None:
    text = "配件等了十二天。师傅本人态度挺好的。"
    assert codes(text) == {"process", "response_speed"}
    assert codes(text, Group.PRAISE) == {"praise"}


def test_nothing_to_suggest_is_no_suggestion() -> None:
    assert codes("没有建议", Group.SUGGESTION) == set()
    assert codes("建议增加短信通知", Group.SUGGESTION) == {"suggestion"}


def test_a_longer_word_of_another_department_hides_the_shorter() -> None:
    assert codes("维修费太贵", Group.DEPARTMENT) == {"billing"}
    assert codes("维修", Group.DEPARTMENT) == {"repair"}


def test_english_words_begin_where_a_word_begins() -> None:
    assert codes("The technician was rude and it is still broken.") == {"attitude", "competence"}
    assert codes("a crude joke") == set()


@given(st.text(alphabet="态度差不没有好，。建议维修客服 aＡ", max_size=40))
def test_every_span_lies_in_its_text_and_in_its_sentence(text: str) -> None:
    for finding in find({"q": text}, shipped()):
        assert finding.group is not Group.IGNORE
        assert 0 <= finding.sentence.start <= finding.start < finding.end <= finding.sentence.end <= len(text)


@given(
    st.text(alphabet="ａＡ㎡①ﬁ，！é 好…", max_size=12),
    st.sampled_from(["态度很差", "没修好", "多收了钱", "一直打不通", "rude"]),
    st.text(alphabet="ａＡ㎡①ﬁ！。é ", max_size=12),
)
def test_the_evidence_is_cut_from_the_original_whatever_stands_around_it(before: str, said: str, after: str) -> None:
    text = f"{before}。{said}{after}"
    cut = [text[f.start : f.end] for f in find({"q": text}, shipped()) if f.group is Group.PROBLEM]
    assert any(one in said for one in cut)


@given(st.lists(st.sampled_from(["不是", "没有", "并不"]), max_size=2))
def test_every_second_negation_takes_the_first_back(negations: list[str]) -> None:
    blamed = "attitude" in codes(f"{''.join(negations)}敷衍")
    assert blamed is (len(negations) % 2 == 0)
