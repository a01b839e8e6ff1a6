"""The course of a rating call: a function of the state and one event. It does nothing; it says what is to be done.

Whatever comes in whatever order: one outcome for a call, no tune before the rating is committed, no second rating, no
recording of the sound unless the customer heard the notice of it to its end.
"""

from contracts.vocabulary import Score
from services.survey.interview import Interview
from services.survey.ivr import events
from services.survey.ivr.asking import Asking
from services.survey.ivr.events import After, Command, Event, Finish, Line, TuneEnd
from services.survey.ivr.state import Phase, State
from services.survey.renderings.ivr import Ending


def step(state: State, event: Event) -> tuple[State, list[Command]]:
    """Events that do not concern the state change nothing; keys are kept as long as the call lasts."""
    if state.phase is Phase.OVER:
        return state, []
    turn = _Course(state)
    turn.take(event)
    return turn.state, turn.commands


class _Course(Asking):
    """The work of one event: how the call begins, goes on after an answer, and ends."""

    def take(self, event: Event) -> None:
        match event:
            case events.Answered():
                self._answered()
            case events.Resumed():
                self._resumed(event.tune_begun)
            case events.Key():
                self._key(event.digit)
            case events.PlaybackDone():
                self._played(event)
            case events.TimeOver() if event.timer == self.state.timer:
                if self.state.phase is Phase.TRANSFERRING:
                    self._nobody_free()
                else:
                    self._time_over()
            case events.Recorded() if self.state.phase is Phase.RECORDING:
                self._recorded(event.interview)
            case events.CommitFailed() if self.state.phase is Phase.RECORDING:
                self._commit_failed()
            case events.AgentAnswered() | events.AgentFailed() | events.AgentLeft():
                self._agent(event)
            case events.HungUp():
                self._hung_up(event.cause)

    def _answered(self) -> None:
        if self.state.phase is not Phase.DIALLING:
            return
        self._set(connected=True)
        notice = (Line.NOTICE,) if self.state.menu.records else ()
        if self.state.menu.rating is None:
            self._ask_next(Line.OPENING, *notice)
        else:
            self._ask_next(Line.OPENING, *notice, Line.TUNE)

    def _resumed(self, tune_begun: bool) -> None:
        if self.state.phase is not Phase.DIALLING:
            return
        self._set(connected=True, tune_begun=tune_begun)
        score = self.state.menu.score_in(self.state.interview)
        if score is None:
            self._ask_next()
        else:
            self._after_rating(score)

    def _recorded(self, interview: Interview) -> None:
        rated = self.state.at == self.state.menu.rating
        self._set(interview=interview, pending=None, keys="")
        if self.state.hung_up:
            self._finish()
            return
        score = self.state.menu.score_in(interview) if rated else None
        if score is None:
            self._ask_next()
        else:
            self._after_rating(score)

    def _after_rating(self, score: Score) -> None:
        ending = self.state.menu.endings[score]
        if ending.goes_on:
            self._ask_next()
        elif ending.tune is not None and not self.state.tune_begun:
            self._set(phase=Phase.TUNE, at=None, tune_begun=True)
            self._play(ending.tune)
        else:
            self._after_tune(ending)

    def _commit_failed(self) -> None:
        self._set(stored=False, pending=None)
        if self.state.hung_up:
            self._finish()
        else:
            self._last_words(Line.NEUTRAL)

    def _played(self, event: events.PlaybackDone) -> None:
        if event.playback != self.state.playback:
            return
        self._set(playback=None)
        if event.heard and event.playback == self.state.notice:
            self._do(events.RecordSound())
        if self.state.phase is Phase.TUNE:
            self._do(events.EndTune(TuneEnd.HEARD if event.heard else TuneEnd.FAILED))
        if self.state.queue:
            self._play(*self.state.queue)
        elif self.state.phase is Phase.ASKING:
            self._start_timer(self.state.menu.times.silence)
        elif self.state.phase is Phase.TUNE:
            self._after_tune(self.state.menu.ending_of(self.state.interview))
        elif self.state.phase is Phase.TRANSFERRING:
            self._do(events.Transfer())
            self._start_timer(self.state.menu.times.transfer)
        elif self.state.phase is Phase.LAST_WORDS:
            self._do(events.HangUp())

    def _after_tune(self, ending: Ending) -> None:
        if ending.transfer and self.state.menu.can_transfer:
            self._set(phase=Phase.TRANSFERRING, at=None)
            self._play(Line.TRANSFER)
        elif ending.transfer:
            self._nobody_free()
        else:
            self._set(after=After.THANKED)
            self._last_words(Line.CLOSING)

    def _agent(self, event: events.AgentAnswered | events.AgentFailed | events.AgentLeft) -> None:
        phase = self.state.phase
        if isinstance(event, events.AgentAnswered) and phase is Phase.TRANSFERRING:
            self._set(phase=Phase.TALKING, after=After.TRANSFERRED, timer=None)
            self._do(events.Bridge())
        elif isinstance(event, events.AgentFailed) and phase is Phase.TRANSFERRING:
            self._nobody_free()
        elif isinstance(event, events.AgentLeft) and phase is Phase.TALKING:
            self._set(phase=Phase.LAST_WORDS)
            self._do(events.HangUp())

    def _nobody_free(self) -> None:
        self._do(events.StopAgent())
        self._do(events.Promise())
        self._set(after=After.PROMISED)
        self._last_words(Line.SOOTHING)

    def _hung_up(self, cause: int) -> None:
        phase = self.state.phase
        if self.state.hung_up:
            return
        self._set(hung_up=True, cause=cause, timer=None, playback=None, queue=())
        if phase is Phase.CONFIRMING:
            self._record()
            return
        if phase is Phase.RECORDING:
            return
        if phase is Phase.TUNE:
            self._do(events.EndTune(TuneEnd.HUNG_UP))
        if phase in (Phase.TRANSFERRING, Phase.TALKING):
            self._do(events.StopAgent())
        self._finish()

    def _finish(self) -> None:
        state = self.state
        after = state.after or (After.HUNG_UP if state.tune_begun else None)
        self._set(phase=Phase.OVER)
        self._do(Finish(state.connected, state.cause, stored=state.stored, after=after))
