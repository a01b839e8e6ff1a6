"""Careless and impossible records are flagged with what was measured; of duplicates one record stays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events.parts import CallbackPart
from contracts.vocabulary import AnswerState, Purpose, ResponseStatus, Score
from services.survey.catalogue import newest
from services.survey.checking import checked
from services.survey.interview import Given, PartForm
from services.survey.quality import Record, Told, duplicates, flags, flags_of_row, lacks_reason
from services.survey.questionnaire import Medium

FORM = newest("after_sale")
RATINGS = [question for question in FORM.questions if question.alerts]
NOW = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
PART = CallbackPart(part_id="p1", purpose=Purpose.SURVEY, round=1, questionnaire="after_sale")


def a_form(
    *, milliseconds: int | None = None, scores: tuple[int, ...] = (5, 5, 5, 5, 5), nps: int | None = None,
    texts: dict[str, str] | None = None, purpose: Purpose = Purpose.SURVEY,
) -> PartForm:  # fmt: skip
    answers = {q.id: checked(q, Given(value=Score(s)))[0] for q, s in zip(RATINGS, scores, strict=True)}
    elapsed = {} if milliseconds is None else dict.fromkeys(answers, milliseconds)
    if nps is not None:
        question = FORM.question("nps")
        assert question is not None
        answers["nps"] = checked(question, Given(value=nps))[0]
    for question_id, text in (texts or {}).items():
        question = FORM.question(question_id)
        assert question is not None
        said = Given(text=text) if text else Given(state=AnswerState.REFUSED)
        answers[question_id] = checked(question, said)[0]
    said_texts = {question_id: text for question_id, text in (texts or {}).items() if text}
    part = PART.model_copy(update={"purpose": purpose})
    return PartForm(part, FORM, Medium.WEB, answers=answers, texts=said_texts, elapsed_ms=elapsed)


def codes(form: PartForm) -> list[str]:
    return [flag.code for flag in flags(form)]


def test_answers_given_at_a_human_pace_carry_no_flag() -> None:
    assert codes(a_form(milliseconds=3000)) == []


def test_unknown_pace_is_not_held_against_anybody() -> None:
    assert codes(a_form(milliseconds=None)) == []


def test_faster_than_reading_is_flagged_and_equal_ratings_besides() -> None:
    assert codes(a_form(milliseconds=50)) == ["too_fast", "straight_lining"]


def test_faster_than_reading_with_different_ratings_is_no_straight_line() -> None:
    assert codes(a_form(milliseconds=50, scores=(5, 4, 5, 3, 5))) == ["too_fast"]


def test_equal_ratings_against_the_recommendation_are_a_straight_line_at_any_pace() -> None:
    assert codes(a_form(nps=2)) == ["straight_lining"]
    assert codes(a_form(scores=(1, 1, 1, 1, 1), nps=10)) == ["straight_lining"]
    assert codes(a_form(nps=9)) == []


def test_a_happy_customer_who_gives_five_throughout_is_not_suspected() -> None:
    assert codes(a_form(milliseconds=4000, nps=10, texts={"remarks": "师傅很准时，讲得也清楚"})) == []


@pytest.mark.parametrize("text", ["啊啊啊啊啊啊啊", "哈哈哈哈哈哈", "好的好的好的好的好的好的", "abcabcabcabcabcabcab"])
def test_one_sign_over_and_over_is_repeated_text(text: str) -> None:
    assert codes(a_form(texts={"remarks": text})) == ["repeated_text"]


def test_the_same_words_for_two_questions_are_repeated_text() -> None:
    told = {"reason": "等了三天没人来！", "remarks": "等了三天，没人来"}
    assert codes(a_form(scores=(2, 4, 4, 4, 4), texts=told)) == ["repeated_text"]


@given(st.text(alphabet="师傅很准时等了三天没人来费用太高", min_size=1, max_size=5))
def test_a_short_remark_is_never_repeated_text(text: str) -> None:
    assert codes(a_form(texts={"remarks": text})) == []


@given(
    st.lists(st.integers(1, 5), min_size=5, max_size=5),
    st.integers(0, 10),
    st.one_of(st.none(), st.integers(1, 20_000)),
)
def test_evidence_says_nothing_of_what_was_answered(scores: list[int], nps: int, milliseconds: int | None) -> None:
    """Flags of the same code and pace read the same, whatever the scores were."""
    other = [6 - score for score in scores]
    one = flags(a_form(scores=tuple(scores), nps=nps, milliseconds=milliseconds))
    two = flags(a_form(scores=tuple(other), nps=10 - nps, milliseconds=milliseconds))
    shared = {flag.code for flag in one} & {flag.code for flag in two} - {"straight_lining"}
    assert {f.evidence for f in one if f.code in shared} == {f.evidence for f in two if f.code in shared}


@given(st.integers(1, 5), st.integers(0, 10))
def test_slower_never_adds_a_flag(score: int, nps: int) -> None:
    fast, slow = (a_form(scores=(score,) * 5, nps=nps, milliseconds=pace) for pace in (20, 20_000))
    assert set(codes(slow)) <= set(codes(fast))


def row_codes(**given: object) -> list[str]:
    told = Told(answered_at=NOW, **given)  # type: ignore[arg-type]
    return [flag.code for flag in flags_of_row(a_form(nps=9), told)]


def test_what_only_a_row_can_show() -> None:
    assert row_codes() == []
    assert row_codes(connected_at=NOW - timedelta(minutes=4), seconds=180) == []
    assert row_codes(connected_at=NOW + timedelta(seconds=30)) == ["before_connected"]
    assert row_codes(completed_at=NOW + timedelta(hours=1)) == ["impossible"]
    assert row_codes(connected_at=NOW - timedelta(hours=9)) == ["impossible"]
    assert row_codes(seconds=0) == ["impossible"]
    assert row_codes(seconds=1) == ["too_fast"]
    assert row_codes(same_texts=5) == ["repeated_text"]


def test_a_worst_score_without_the_reason_that_was_asked_for_is_asked_about_again() -> None:
    bad = (1, 4, 4, 4, 4)
    assert lacks_reason(a_form(scores=bad, texts={"reason": ""}))
    assert lacks_reason(a_form(scores=bad, texts={"reason": "不错"}))
    assert not lacks_reason(a_form(scores=bad, texts={"reason": "等了三天没人来"}))
    assert not lacks_reason(a_form(scores=bad)), "the reason was not asked"
    assert not lacks_reason(a_form(scores=(2, 4, 4, 4, 4), texts={"reason": ""})), "the worst score only"
    assert not lacks_reason(a_form(scores=bad, texts={"reason": ""}, purpose=Purpose.VERIFICATION))


def a_record(name: str, *, minutes: int = 0, status: str = "complete", **given: object) -> Record:
    at = NOW + timedelta(minutes=minutes)
    record = {"service": ("crm", "S-1"), "purpose": "survey", "round": 1, "recorded_at": at, "heard_at": at} | given
    return Record(response_id=name, status=ResponseStatus(status), **record)  # type: ignore[arg-type]


def test_the_first_complete_record_wins() -> None:
    records = [a_record("late", minutes=9), a_record("partial", status="partial"), a_record("first", minutes=3)]
    assert {(one.response_id, one.of) for one in duplicates(records)} == {("late", "first"), ("partial", "first")}


def test_of_records_told_at_one_instant_the_one_told_first_wins() -> None:
    records = [a_record("a"), a_record("b"), a_record("c")]
    assert {one.of for one in duplicates(records, ["c", "a"])} == {"b"}
    assert {one.of for one in duplicates(records[:2], ["b", "a"])} == {"b"}


def test_other_services_purposes_and_rounds_are_no_duplicates() -> None:
    others = [
        a_record("a"),
        a_record("b", round=2),
        a_record("c", purpose="progress"),
        a_record("d", service=("x", "S-1")),
    ]
    assert duplicates(others) == []


@given(st.permutations([a_record(f"r{n}", minutes=n % 3, status=("partial", "complete")[n % 2]) for n in range(6)]))
def test_the_order_of_arrival_of_rows_changes_no_winner(records: list[Record]) -> None:
    found = duplicates(records)
    assert len(found) == 5
    assert {one.of for one in found} == {"r3"}
