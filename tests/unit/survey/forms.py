"""Builders for questionnaires and for what people say, for property tests."""

from typing import Any

from hypothesis import strategies as st

from contracts.vocabulary import AnswerState, Dimension, Disposition, Purpose, QuestionKind
from services.survey.interview import Given
from services.survey.questionnaire import Condition, Medium, Question, Questionnaire

WORDS = {"zh-CN": "字", "en": "word"}
YES_OR_NO = (QuestionKind.SOLVED, QuestionKind.APPROVAL)
MEDIA = st.sampled_from(list(Medium))
_SCRIPT = ("opening", "identity", "consent", "closing", "refusal", "soothing")


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    """Any of up to eight questions: any kinds, media, skip rules on earlier ones, and what must be settled."""
    asked: list[Question] = []
    for number in range(draw(st.integers(1, 8))):
        asked.append(_question(draw, f"q{number}", asked))
    return Questionnaire(
        id="drawn", version=1, purpose=Purpose.SURVEY, title=WORDS, answer_within_workdays=2,
        script=dict.fromkeys(_SCRIPT, WORDS), questions=tuple(asked),
    )  # fmt: skip


def _question(draw: st.DrawFn, name: str, earlier: list[Question]) -> Question:
    kind = draw(st.sampled_from(list(QuestionKind)))
    core = draw(st.booleans()) and draw(st.booleans())
    media = tuple(Medium) if core else tuple(draw(st.lists(MEDIA, min_size=1, unique=True)))
    when = () if core or not earlier else tuple(draw(st.lists(_condition(earlier), max_size=2)))
    for_partial = tuple(draw(st.lists(st.sampled_from(media), unique=True)))
    needed = draw(st.booleans())
    return Question(
        id=name, kind=kind, text=WORDS, core=core, media=media, when=when,
        labels=dict.fromkeys(range(1, 6), WORDS) if kind is QuestionKind.RATING else {},
        options={"one": WORDS, "two": WORDS} if kind is QuestionKind.CHOICE else {},
        dimension=Dimension.OVERALL if kind is QuestionKind.RATING and not earlier else None,
        required_for={Disposition.COMPLETE: media, Disposition.PARTIAL: for_partial} if needed else {},
    )  # fmt: skip


@st.composite
def _condition(draw: st.DrawFn, earlier: list[Question]) -> Condition:
    about = draw(st.sampled_from(earlier))
    if about.kind in YES_OR_NO:
        return Condition.model_validate({"question": about.id, "is": [draw(st.sampled_from(["yes", "no"]))]})
    if about.kind is QuestionKind.CHOICE:
        return Condition.model_validate({"question": about.id, "is": [draw(st.sampled_from(list(about.options)))]})
    if about.kind is QuestionKind.TEXT or draw(st.booleans()):
        return Condition.model_validate({"ratings_at_most": draw(st.integers(1, 5))})
    return Condition(question=about.id, at_most=draw(st.integers(1, 9)))


@st.composite
def things_said(draw: st.DrawFn, question: Question) -> Given:
    """Mostly an answer, at times none."""
    if draw(st.integers(0, 4)) == 0:
        return Given(state=draw(st.sampled_from([AnswerState.NOT_ANSWERED, AnswerState.REFUSED])))
    if question.kind is QuestionKind.TEXT:
        return Given(text=draw(st.sampled_from(["等了三天", "师傅很准时", "满意"])))
    values: dict[QuestionKind, Any] = {
        QuestionKind.RATING: st.integers(1, 5),
        QuestionKind.NPS: st.integers(0, 10),
        QuestionKind.CHOICE: st.sampled_from(sorted(question.options) or [""]),
    }
    return Given(value=draw(values.get(question.kind, st.sampled_from(["yes", "no", "unsure"]))))
