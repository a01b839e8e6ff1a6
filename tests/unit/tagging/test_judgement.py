from hypothesis import given
from hypothesis import strategies as st

from contracts.answers import AnswerSheet
from contracts.events.tagging import Provenance
from contracts.vocabulary import Dimension, ItemKind, Severity
from services.tagging.items import UNSPECIFIED, Item, Tagged, tag
from services.tagging.judgement import Judgement, code_of, corrected, found_in_words, judged, ruled
from services.tagging.lexicon import shipped
from services.tagging.scoring import TAGS
from tests.unit.tagging.builders import a_context, a_sheet, rating

LOW, GOOD = a_sheet(rating(Dimension.OVERALL, 2)), a_sheet(rating(Dimension.OVERALL, 5))
WORDS = {"why": "客服态度很差。安装师傅很耐心。"}


def tagged(sheet: AnswerSheet = LOW, texts: dict[str, str] = WORDS) -> Tagged:
    return tag("r-1", sheet, texts=texts, context=a_context(), lexicon=shipped())


def a_judgement(result: Tagged, *choices: tuple[str | None, str, str]) -> Judgement:
    return judged("r-1", found_in_words(result.sheet), result.items, choices)


def as_it_is(result: Tagged) -> list[tuple[str | None, str, str]]:
    return [(item.item_id, code_of(item), item.department) for item in result.items]


def after(result: Tagged, judgement: Judgement, *, low: bool = True) -> list[Item]:
    return ruled(result.items, judgement, texts=WORDS, low=low, lexicon=shipped())


def duties(items: list[Item]) -> set[tuple[str, str]]:
    return {(code_of(item), item.department) for item in items}


def test_a_confirmation_changes_nothing() -> None:
    result = tagged()
    judgement = a_judgement(result, *as_it_is(result))
    assert after(result, judgement) == list(result.items)
    assert corrected(result.sheet, judgement, "2") == result.sheet


def test_a_moved_problem_keeps_its_id_and_severity_and_gets_the_due_time_of_its_new_department() -> None:
    result = tagged()
    problem = result.items[0]
    (moved,) = [
        i
        for i in after(result, a_judgement(result, (problem.item_id, "process", "product"), *as_it_is(result)[1:]))
        if i.kind is ItemKind.PROBLEM
    ]
    assert (moved.item_id, moved.department, moved.codes) == (problem.item_id, "product", ("process",))
    assert (moved.severity, moved.due_policy) == (problem.severity, "working_days:3")


def test_what_is_not_there_is_taken_back_and_its_tag_goes() -> None:
    result = tagged(GOOD)
    judgement = a_judgement(result, (result.items[0].item_id, "", "repair"), *as_it_is(result)[1:])
    assert duties(after(result, judgement, low=False)) == {("praise", "installation")}
    assert [t.code for t in corrected(result.sheet, judgement, "2").tags] == ["praise"]


def test_a_low_score_keeps_a_problem_whatever_the_person_says_of_the_words() -> None:
    result = tagged()
    judgement = a_judgement(result, (result.items[0].item_id, "", "repair"), *as_it_is(result)[1:])
    assert duties(after(result, judgement)) == {("praise", "installation"), (UNSPECIFIED, "service_desk")}


def test_what_the_person_adds_is_an_item_and_a_tag_of_a_person() -> None:
    result = tagged()
    judgement = a_judgement(result, *as_it_is(result), (None, "process", "billing"))
    added = next(i for i in after(result, judgement) if i.department == "billing")
    assert (added.codes, added.severity, len(added.spans)) == (("process",), Severity.MINOR, 1)
    new = [t for t in corrected(result.sheet, judgement, "2").tags if t.provenance is Provenance.PERSON]
    assert [t.code for t in new] == ["process"]


def test_a_problem_that_is_praise_is_taken_back_and_raised_as_another_item() -> None:
    result = tagged(GOOD, {"why": "客服态度很差。"})
    item = result.items[0]
    judgement = a_judgement(result, (item.item_id, "praise", "service_desk"))
    (praise,) = after(result, judgement, low=False)
    assert praise.kind is ItemKind.PRAISE
    assert praise.item_id != item.item_id


def test_an_earlier_refusal_holds_after_the_next_judgement() -> None:
    result = tagged(GOOD)
    first = a_judgement(result, (result.items[0].item_id, "", "repair"), *as_it_is(result)[1:])
    left = after(result, first, low=False)
    second = judged("r-1", first.found, left, [(left[0].item_id, "praise", "repair")], before=first.rulings)
    assert duties(after(result, second, low=False)) == {("praise", "repair")}


def test_what_the_person_has_not_seen_is_for_the_rules() -> None:
    judgement = a_judgement(tagged(), *as_it_is(tagged()))
    newer = tagged(LOW, {"why": WORDS["why"] + "发票多收了钱。"})
    found = ruled(newer.items, judgement, texts={}, low=True, lexicon=shipped())
    assert ("process", "billing") in duties(found)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["", *TAGS]), st.sampled_from(["repair", "billing", "product"])),
        max_size=5,
    )
)
def test_whatever_a_person_says_no_duty_stands_twice_and_a_low_score_has_a_problem(
    said: list[tuple[int, str, str]],
) -> None:
    result = tagged()
    ids = [item.item_id for item in result.items] + [None, None]
    choices = {n: (ids[n] if n < len(ids) else None, code, department) for n, code, department in said}
    items = after(result, a_judgement(result, *choices.values()))
    assert len(duties(items)) == len(items) == len({item.item_id for item in items})
    assert any(item.kind is ItemKind.PROBLEM for item in items)
