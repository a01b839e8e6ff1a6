"""Which outcome the facts of a call allow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.answers import Answer
from contracts.events.parts import CallbackPart
from contracts.vocabulary import (
    AnswerState,
    CallbackId,
    Channel,
    CompletionRef,
    CustomerRef,
    Disposition,
    Purpose,
    Scenario,
    Sealed,
)
from services.survey import catalogue, wrapup
from services.survey.interview import Callback, Interview, Marks, PartForm
from services.survey.questionnaire import Medium
from services.survey.wrapup import Closing, Impossible

NOW = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
PART = CallbackPart(part_id="p1", purpose=Purpose.SURVEY, round=1, questionnaire="after_sale")


def an_interview(*, connected: bool = True, identified: bool = True, state: AnswerState | None = None) -> Interview:
    """`state`: every question has this result; None: nothing was asked."""
    questionnaire = catalogue.newest("after_sale")
    answers = {}
    if state is AnswerState.REFUSED:
        answers = {q.id: Answer(question_id=q.id, kind=q.kind, state=state) for q in questionnaire.questions}
        overall = questionnaire.questions[0]
        answers[overall.id] = Answer(question_id=overall.id, kind=overall.kind, state=AnswerState.ANSWERED, score=5)
    callback = Callback(
        CallbackId("cb-1"), CustomerRef("c"), CompletionRef("k"), "crm", "S-1", Scenario.AFTER_SALE, "2026-10", (PART,),
        True, Sealed("x"), None,
    )  # fmt: skip
    form = PartForm(part=PART, questionnaire=questionnaire, medium=Medium.AGENT, answers=answers)
    return Interview(
        callback=callback, permit_no=1, channel=Channel.PHONE, medium=Medium.AGENT, agent="lin", started_at=NOW,
        connected_at=NOW if connected else None, identity_at=NOW if identified else None, consent_at=None,
        heard_at=None, ended_at=None, marks=Marks(), parts=(form,),
    )  # fmt: skip


def test_nobody_reached_leaves_only_the_outcomes_of_not_reaching() -> None:
    interview = an_interview(connected=False, identified=False)
    assert wrapup.possible(interview) == wrapup.NOT_REACHED
    assert wrapup.suggested(interview) is None


def test_a_customer_who_said_nothing_can_break_off_refuse_agree_a_time_or_opt_out() -> None:
    assert set(wrapup.possible(an_interview())) == {
        Disposition.BREAK_OFF, Disposition.REFUSAL, Disposition.APPOINTMENT, Disposition.OPTED_OUT,
    }  # fmt: skip


def test_a_wrong_number_shows_before_identity_is_confirmed() -> None:
    assert wrapup.impossible(Disposition.WRONG_NUMBER, an_interview(identified=False)) is None
    assert wrapup.impossible(Disposition.WRONG_NUMBER, an_interview()) == wrapup.IDENTITY_KNOWN


def test_mostly_refused_answers_are_partial_and_nothing_else_of_the_three() -> None:
    interview = an_interview(state=AnswerState.REFUSED)
    assert wrapup.suggested(interview) is Disposition.PARTIAL
    assert wrapup.impossible(Disposition.COMPLETE, interview) == wrapup.TOO_FEW
    assert wrapup.impossible(Disposition.BREAK_OFF, interview) == wrapup.ENOUGH


def test_what_is_no_outcome_of_a_call_is_refused() -> None:
    assert wrapup.impossible(Disposition.BOUNCED, an_interview()) == wrapup.NO_DISPOSITION


@given(st.integers(0, 24 * 60 - 1), st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "America/New_York"]))
def test_an_agreed_time_is_lawful_where_the_customer_is(minutes: int, zone: str) -> None:
    agreed = NOW + timedelta(days=1, minutes=minutes)
    local = agreed.astimezone(ZoneInfo(zone))
    lawful = 8 * 60 <= local.hour * 60 + local.minute <= 22 * 60
    said = Closing(Disposition.APPOINTMENT, agreed_at=agreed)
    if lawful:
        wrapup.check(said, an_interview(), now=NOW, zone=zone)
    else:
        with pytest.raises(Impossible):
            wrapup.check(said, an_interview(), now=NOW, zone=zone)


def test_only_an_agreed_time_and_a_link_keep_the_interview_open() -> None:
    refusal = Closing(Disposition.REFUSAL)
    assert refusal.final
    assert not replace(refusal, online_consented=True).final
    assert not Closing(Disposition.APPOINTMENT).final
    assert Closing(Disposition.BREAK_OFF, online_consented=True).final
