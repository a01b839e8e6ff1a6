"""One question of a call: put, answered by keys, corrected, put again, handed over to be committed."""

from dataclasses import replace

from contracts.vocabulary import Digit
from services.survey.ivr import events
from services.survey.ivr.events import Command, Line, Sound
from services.survey.ivr.state import Phase, State
from services.survey.keypad import MOST_DIGITS, Pressed, pressed
from services.survey.questionnaire import Entry, Question


class Asking:
    """The work of one event, as far as it is about a question."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.commands: list[Command] = []

    def _key(self, digit: Digit) -> None:
        state = self.state
        if not state.connected or state.hung_up:
            return
        number = state.presses + 1
        place = state.at if state.phase in (Phase.ASKING, Phase.CONFIRMING, Phase.RECORDING) else None
        self._set(presses=number)
        self._do(events.KeepPress(number, digit, place))
        if state.phase is Phase.ASKING:
            self._barge_in()
            self._typed(digit)
        elif state.phase is Phase.CONFIRMING:
            self._corrected(digit)

    def _typed(self, digit: Digit) -> None:
        question = self._question()
        if question.ivr is None or question.ivr.entry is Entry.ONE_KEY:
            self._confirm_or_ask_again(digit.value, pressed(question, digit.value))
        elif digit is Digit.STAR:
            self._ask_again()
        elif digit is Digit.HASH:
            self._number_done()
        else:
            self._digit(self.state.keys + digit.value)

    def _digit(self, keys: str) -> None:
        self._set(keys=keys, phase=Phase.ASKING, pending=None)
        if len(keys) >= MOST_DIGITS:
            self._confirm_or_ask_again(keys, pressed(self._question(), keys))
        else:
            self._start_timer(self.state.menu.times.pause)

    def _corrected(self, digit: Digit) -> None:
        """A key that is not offered confirms nothing and replaces nothing."""
        question = self._question()
        if digit is Digit.HASH:
            self._record()
        elif question.ivr is not None and question.ivr.entry is Entry.NUMBER:
            if digit is not Digit.STAR:
                self._digit(digit.value)
        elif (later := pressed(question, digit.value)) is not None:
            self._confirm(digit.value, later)

    def _confirm_or_ask_again(self, keys: str, answer: Pressed | None) -> None:
        if answer is None:
            self._ask_again()
        else:
            self._confirm(keys, answer)

    def _confirm(self, keys: str, answer: Pressed) -> None:
        self._set(phase=Phase.CONFIRMING, keys=keys, pending=answer)
        self._start_timer(self.state.menu.times.correction)

    def _number_done(self) -> None:
        """By `#` or by a pause, which was time enough to go on."""
        answer = pressed(self._question(), self.state.keys)
        if answer is None:
            self._ask_again()
        else:
            self._set(pending=answer)
            self._record()

    def _time_over(self) -> None:
        self._set(timer=None)
        if self.state.phase is Phase.CONFIRMING:
            self._record()
        elif self.state.phase is Phase.ASKING and self.state.keys:
            self._number_done()
        elif self.state.phase is Phase.ASKING:
            self._ask_again()

    def _ask_next(self, *before: Line) -> None:
        place = self.state.menu.next_place(self.state.interview)
        if place is None:
            self._last_words(Line.CLOSING)
            return
        self._set(phase=Phase.ASKING, at=place, tries=1, keys="", pending=None)
        self._play(*before, place)

    def _ask_again(self) -> None:
        assert self.state.at is not None, "a question was put"  # noqa: S101
        if self.state.tries >= self.state.menu.prompts_at_most:
            self._last_words(Line.NEUTRAL)
            return
        self._set(phase=Phase.ASKING, tries=self.state.tries + 1, keys="", pending=None, timer=None)
        self._play(Line.AGAIN, self.state.at)

    def _record(self) -> None:
        assert self.state.at is not None, "a question was put"  # noqa: S101
        assert self.state.pending is not None, "and answered"  # noqa: S101
        self._set(phase=Phase.RECORDING, timer=None)
        self._do(events.Record(self.state.at, self.state.keys, self.state.pending))

    def _last_words(self, line: Line) -> None:
        self._set(phase=Phase.LAST_WORDS, at=None, timer=None)
        self._play(line)

    def _play(self, *sounds: Sound) -> None:
        serial = self.state.serial + 1
        self._set(serial=serial, playback=serial, queue=sounds[1:], timer=None)
        if sounds[0] is Line.NOTICE:
            self._set(notice=serial)
        self._do(events.Play(serial, sounds[0]))

    def _barge_in(self) -> None:
        playback = self.state.playback
        self._set(playback=None, queue=(), timer=None)
        if playback is not None:
            self._do(events.Stop(playback))

    def _question(self) -> Question:
        assert self.state.at is not None, "a question was put"  # noqa: S101
        return self.state.menu.question(self.state.at)

    def _start_timer(self, seconds: float) -> None:
        serial = self.state.serial + 1
        self._set(serial=serial, timer=serial)
        self._do(events.StartTimer(serial, seconds))

    def _set(self, **changed: object) -> None:
        self.state = replace(self.state, **changed)  # type: ignore[arg-type]

    def _do(self, command: Command) -> None:
        self.commands.append(command)
