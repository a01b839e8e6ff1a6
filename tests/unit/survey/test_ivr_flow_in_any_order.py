"""Whatever an exchange tells, in whatever order: one outcome, no tune before the commit, no second rating.

And no recording of the sound without the notice of it, heard to its end.
"""

from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.vocabulary import Digit
from services.survey import catalogue
from services.survey.interview import Interview
from services.survey.ivr import events
from services.survey.ivr.events import Band, Command, Event, Line, Sound
from services.survey.ivr.flow import step
from services.survey.ivr.state import Phase
from services.survey.questionnaire import Medium
from services.survey.renderings.ivr import ENDINGS
from tests.unit.survey.calls_by_keypad import CallByKeypad, an_interview

MENUS = sorted({name for (name, _), one in catalogue.catalogue().items() if Medium.IVR in one.offered})
NUMBERS = st.integers(0, 12)

WILD: st.SearchStrategy[Event] = st.one_of(
    st.just(events.Answered()),
    st.builds(events.Resumed, st.booleans()),
    st.builds(events.Key, st.sampled_from(list(Digit))),
    st.builds(events.PlaybackDone, NUMBERS, st.booleans()),
    st.builds(events.TimeOver, NUMBERS),
    st.just(events.CommitFailed()),
    st.just(events.AgentAnswered()),
    st.just(events.AgentFailed()),
    st.just(events.AgentLeft()),
    st.builds(events.HungUp, st.sampled_from([1, 16, 17, 19, 21])),
)
"""With numbers of playbacks and timers that may be old, of the future, or right."""

ALONG = st.sampled_from(["hear", "fail", "wait", "commit"])
"""What goes on by itself: the sound ends, the timer ends, the answer is committed."""


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(MENUS), st.booleans(), st.booleans(), st.lists(st.one_of(WILD, ALONG, ALONG), max_size=40))
@example("after_sale", True, True, [events.Key(Digit.FIVE), "wait", events.HungUp(16), "commit"])
def test_one_outcome_no_early_tune_no_second_rating(
    menu: str, answered: bool, can_transfer: bool, course: list[Event | str]
) -> None:
    call = CallByKeypad(an_interview(menu), can_transfer=can_transfer)
    if answered:
        course = [events.Answered(), *course]
    # a commit in flight is always answered in the end, and every channel ends
    for _ in _play(call, [*course, "commit", events.HungUp(16), "commit"]):
        pass
    assert call.state.phase is Phase.OVER
    assert len(call.of(events.Finish)) == 1
    assert isinstance(call.all[-1], events.Finish)
    ratings = [stored for stored in call.stored if stored[0] == call.state.menu.rating]
    assert len(ratings) <= 1
    _no_tune_before_its_rating(call)
    assert can_transfer or not call.of(events.Transfer)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(MENUS), st.booleans(), st.lists(st.one_of(WILD, ALONG, ALONG), max_size=40))
@example("after_sale", True, ["hear", "hear", "hear", events.Key(Digit.ONE)])
@example("after_sale", True, ["hear", "fail", "hear"])
@example("after_sale", True, ["hear", events.Key(Digit.ONE), events.PlaybackDone(2)])
@example("after_sale", False, ["hear", "hear", "hear"])
def test_nothing_is_recorded_unless_the_notice_was_heard_to_its_end(
    menu: str, records: bool, course: list[Event | str]
) -> None:
    call = CallByKeypad(an_interview(menu), records=records)
    heard_to_the_end: list[Sound] = []
    for event, commands in _play(call, [events.Answered(), *course]):
        begun = [command for command in commands if isinstance(command, events.RecordSound)]
        if isinstance(event, events.PlaybackDone) and event.heard and event.playback in _up(call, commands):
            heard_to_the_end.append(_up(call, commands)[event.playback])
        assert not begun or (records and heard_to_the_end[-1:] == [Line.NOTICE])
    assert len(call.of(events.RecordSound)) == int(Line.NOTICE in heard_to_the_end)
    assert records or Line.NOTICE not in call.played


def _up(call: CallByKeypad, newest: list[Command]) -> dict[int, Sound]:
    """What played before these newest commands; a sound that was stopped or replaced plays no more."""
    playing: dict[int, Sound] = {}
    for command in call.all[: len(call.all) - len(newest)]:
        if isinstance(command, events.Play):
            playing = {command.playback: command.sound}
        elif isinstance(command, events.Stop | events.Finish):
            playing = {}
    return playing


def _play(call: CallByKeypad, course: list[Event | str]) -> Iterator[tuple[Event, list[Command]]]:
    asked: events.Record | None = None
    for one in course:
        event = _next(call, one, asked)
        if event is None:
            continue
        if isinstance(event, events.Recorded | events.CommitFailed):
            if asked is None:
                continue
            asked = None
        call.state, commands = step(call.state, event)
        call.all += commands
        for command in commands:
            if isinstance(command, events.Record):
                assert asked is None, "a second answer before the first is committed"
                asked = command
            if isinstance(command, events.Finish):
                assert asked is None, "an outcome while an answer is being committed"
        yield event, commands


def _next(call: CallByKeypad, one: Event | str, asked: events.Record | None) -> Event | None:
    if one == "commit":
        return None if asked is None else call.commit(asked)
    if one in ("hear", "fail"):
        return None if call.state.playback is None else events.PlaybackDone(call.state.playback, one == "hear")
    if one == "wait":
        return None if call.state.timer is None else events.TimeOver(call.state.timer)
    assert not isinstance(one, str)
    return one


def _no_tune_before_its_rating(call: CallByKeypad) -> None:
    played = [command.sound for command in call.all if isinstance(command, events.Play)]
    tunes = [sound for sound in played if isinstance(sound, Band)]
    assert len(tunes) <= 1
    if not tunes:
        return
    score = call.state.menu.score_in(call.state.interview)
    assert score is not None, "a tune without a committed rating"
    assert tunes == [ENDINGS[score].tune]
    kinds = [type(command) for command in call.all]
    played_at = next(
        n for n, command in enumerate(call.all) if isinstance(command, events.Play) and command.sound in tunes
    )
    assert events.Record in kinds[:played_at]


def test_an_interview_that_has_nothing_to_ask_ends_with_thanks() -> None:
    assert isinstance(an_interview(), Interview)
    call = CallByKeypad()
    call.tell(events.Answered())
    for keys in (["3"], ["2"], ["2"], ["1"], ["1", "0"]):
        call.answer(*keys)
    again = CallByKeypad(call.state.interview)
    again.tell(events.Answered())
    again.hear_all()
    assert again.of(events.HangUp)
