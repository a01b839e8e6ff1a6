"""A rating call from the first ring to its one outcome, in the order things usually happen."""

import pytest

from services.survey import forms
from services.survey.interview import Given
from services.survey.ivr import events
from services.survey.ivr.events import After, Band, Line, TuneEnd
from services.survey.ivr.state import Phase
from tests.unit.survey.calls_by_keypad import AT, RATING, CallByKeypad, an_interview


def an_answered_call(**given: object) -> CallByKeypad:
    call = CallByKeypad(**given)  # type: ignore[arg-type]
    call.tell(events.Answered())
    return call


def test_the_disclosure_comes_before_the_question() -> None:
    call = an_answered_call()
    call.hear_all()
    assert call.played == [Line.OPENING, Line.TUNE, RATING]


@pytest.mark.parametrize(
    ("key", "score", "tunes"),
    [("1", 5, [Band.CHEERFUL]), ("2", 4, []), ("3", 3, []), ("4", 2, [Band.SOOTHING]), ("5", 1, [Band.SOOTHING])],
)
def test_the_score_is_six_minus_the_key_and_chooses_the_tune(key: str, score: int, tunes: list[Band]) -> None:
    call = an_answered_call()
    call.answer(key)
    assert call.stored == [(RATING, key, score)]
    assert call.tunes == tunes


def test_a_very_satisfied_customer_hears_the_tune_then_thanks_and_the_call_ends_once() -> None:
    call = an_answered_call()
    call.answer("1")
    call.hear_all()
    assert call.lines[-1] is Line.CLOSING
    assert call.of(events.HangUp)
    call.tell(events.HungUp(16), events.HungUp(16))
    assert (call.finish.stored, call.finish.after) == (True, After.THANKED)


def test_an_average_score_brings_the_other_questions_and_thanks_without_a_tune() -> None:
    call = an_answered_call()
    call.answer("3")
    call.answer("2")
    call.answer("2")
    call.answer("1")
    call.answer("1", "0")
    call.hear_all()
    assert [value for _, _, value in call.stored] == [3, 4, 4, "yes", 10]
    assert (call.tunes, call.lines[-1]) == ([], Line.CLOSING)
    call.tell(events.HungUp(16))
    assert call.finish.after is None


def test_two_digits_are_ten_and_one_digit_ends_with_a_pause_or_the_pound_key() -> None:
    for keys, pause, likelihood in (
        (("1", "0"), True, 10),
        (("1",), True, 1),
        (("1", "#"), False, 1),
        (("0",), True, 0),
    ):
        call = an_answered_call()
        for key in ("3", "2", "2", "1"):
            call.answer(key)
        call.press(*keys)
        if pause:
            call.wait()
        assert call.stored[-1][2] == likelihood


def test_a_number_that_is_none_is_asked_for_again() -> None:
    call = an_answered_call()
    for key in ("3", "2", "2", "1"):
        call.answer(key)
    call.press("1", "5")
    assert call.lines[-1] is Line.AGAIN
    call.press("#")
    assert call.lines.count(Line.AGAIN) == 2


@pytest.mark.parametrize("wrong", ["9", "*", "#", "0", None])
def test_a_wrong_key_or_silence_is_prompted_for_twice_more_then_the_call_ends_neutrally(wrong: str | None) -> None:
    call = an_answered_call()
    for _ in range(3):
        if wrong is None:
            call.hear_all()
            call.wait()
        else:
            call.press(wrong)
    assert call.lines.count(Line.AGAIN) == 2
    assert call.lines[-1] is Line.NEUTRAL
    call.hear_all()
    call.tell(events.HungUp(16))
    assert (call.stored, call.tunes, call.finish.after) == ([], [], None)


def test_a_slip_is_replaced_within_the_correction_time_and_every_press_is_kept() -> None:
    call = an_answered_call()
    call.press("5", "1")
    call.wait()
    assert call.stored == [(RATING, "1", 5)]
    assert [press.digit.value for press in call.of(events.KeepPress)] == ["5", "1"]  # type: ignore[union-attr]
    call.press("5")
    assert call.stored == [(RATING, "1", 5)]
    assert len(call.of(events.KeepPress)) == 3


def test_a_key_that_is_not_offered_does_not_replace_a_rating() -> None:
    call = an_answered_call()
    call.press("1", "9")
    call.wait()
    assert call.stored == [(RATING, "1", 5)]


def test_a_key_stops_the_prompt_and_what_was_to_follow_it() -> None:
    call = an_answered_call()
    playing = call.state.playback
    call.press("1")
    assert call.of(events.Stop) == [events.Stop(playing)]  # type: ignore[arg-type]
    call.tell(events.PlaybackDone(playing))  # type: ignore[arg-type]
    assert call.played == [Line.OPENING]


def test_a_low_score_is_soothed_then_connected_to_a_person() -> None:
    call = an_answered_call()
    call.answer("5")
    call.hear_all()
    assert call.played[-2:] == [Band.SOOTHING, Line.TRANSFER]
    assert call.state.phase is Phase.TRANSFERRING
    assert call.of(events.Transfer)
    call.tell(events.AgentAnswered())
    assert call.of(events.Bridge)
    call.tell(events.AgentLeft(), events.HungUp(16))
    assert call.finish.after is After.TRANSFERRED


@pytest.mark.parametrize("late", [False, True])
def test_nobody_free_is_said_and_promised(late: bool) -> None:
    call = an_answered_call()
    call.answer("4")
    call.hear_all()
    if late:
        call.wait()
    else:
        call.tell(events.AgentFailed())
    call.tell(events.AgentAnswered())
    call.hear_all()
    assert call.lines[-1] is Line.SOOTHING
    assert (len(call.of(events.Promise)), call.of(events.Bridge)) == (1, [])
    call.tell(events.HungUp(16))
    assert call.finish.after is After.PROMISED


def test_where_no_call_can_be_handed_over_a_call_is_promised_and_no_transfer_announced() -> None:
    call = CallByKeypad(can_transfer=False)
    call.tell(events.Answered())
    call.answer("5")
    call.hear_all()
    assert call.played[-2:] == [Band.SOOTHING, Line.SOOTHING]
    assert (len(call.of(events.Promise)), call.of(events.Transfer)) == (1, [])


def test_a_commit_that_fails_ends_neutrally_without_a_tune_and_is_told() -> None:
    call = an_answered_call(commits=lambda: False)
    call.answer("1")
    call.hear_all()
    call.tell(events.HungUp(16))
    assert (call.tunes, call.lines[-1], call.finish.stored) == ([], Line.NEUTRAL, False)


def test_whoever_presses_a_key_and_hangs_up_has_rated() -> None:
    call = an_answered_call()
    call.press("5")
    call.tell(events.HungUp(16))
    assert call.stored == [(RATING, "5", 1)]
    assert call.tunes == []
    assert call.finish.stored


def test_hanging_up_while_the_answer_is_committed_waits_for_it() -> None:
    call = an_answered_call()
    call.press("1")
    call.state, [record] = _step(call, events.TimeOver(call.state.timer))  # type: ignore[arg-type]
    assert isinstance(record, events.Record)
    call.tell(events.HungUp(16))
    assert call.of(events.Finish) == []
    call.tell(call.commit(record))
    assert (call.tunes, call.finish.stored) == ([], True)


def test_a_call_that_nobody_takes_keeps_the_cause() -> None:
    call = CallByKeypad()
    call.tell(events.HungUp(17))
    assert (call.finish.connected, call.finish.cause) == (False, 17)


def test_a_tune_that_the_exchange_cannot_play_was_not_heard() -> None:
    call = an_answered_call()
    call.answer("1")
    call.hear(heard=False)
    assert call.of(events.EndTune) == [events.EndTune(TuneEnd.FAILED)]


def test_hanging_up_during_the_tune_is_told() -> None:
    call = an_answered_call()
    call.answer("1")
    call.tell(events.HungUp(16))
    assert call.of(events.EndTune) == [events.EndTune(TuneEnd.HUNG_UP)]
    assert call.finish.after is After.HUNG_UP


@pytest.mark.parametrize(("begun", "tunes"), [(False, [Band.CHEERFUL]), (True, [])])
def test_a_call_that_is_found_again_after_the_rating_plays_the_tune_once(begun: bool, tunes: list[Band]) -> None:
    rated = forms.taken(an_interview(), "p1", "overall", Given(5), AT)
    call = CallByKeypad(rated)
    call.tell(events.Resumed(tune_begun=begun))
    call.hear_all()
    assert (call.tunes, call.lines[-1], call.stored) == (tunes, Line.CLOSING, [])


def test_a_call_that_is_found_again_without_a_rating_is_asked_again() -> None:
    call = CallByKeypad()
    call.tell(events.Resumed(tune_begun=False))
    assert call.played == [RATING]


def _step(call: CallByKeypad, event: events.Event) -> tuple[object, list[events.Command]]:
    from services.survey.ivr.flow import step

    return step(call.state, event)
