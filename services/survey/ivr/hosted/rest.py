"""A call between two requests: the state at rest as plain values, and back."""

from pydantic import BaseModel, ConfigDict

from contracts.vocabulary import Digit
from services.survey.interview import Interview
from services.survey.ivr.events import After, Place
from services.survey.ivr.menu import Menu
from services.survey.ivr.state import Phase, State
from services.survey.keypad import Pressed


class Rest(BaseModel):
    """Everything of a `State` but what the database knows: the interview and its menu. Nothing is queued at rest."""

    model_config = ConfigDict(extra="forbid")

    phase: Phase
    at: tuple[str, str] | None
    tries: int
    keys: str
    pending: tuple[int | str, str | None] | None
    playback: int | None
    timer: int | None
    serial: int
    presses: int
    connected: bool
    stored: bool
    tune_begun: bool
    after: After | None


def resting(state: State) -> Rest:
    pending = state.pending
    return Rest(
        phase=state.phase,
        at=None if state.at is None else (state.at.part_id, state.at.question_id),
        tries=state.tries,
        keys=state.keys,
        pending=None if pending is None else (pending.value, pending.digit.value if pending.digit else None),
        playback=state.playback,
        timer=state.timer,
        serial=state.serial,
        presses=state.presses,
        connected=state.connected,
        stored=state.stored,
        tune_begun=state.tune_begun,
        after=state.after,
    )


def woken(rest: Rest, menu: Menu, interview: Interview) -> State:
    pending = rest.pending
    return State(
        menu,
        interview,
        phase=rest.phase,
        at=None if rest.at is None else Place(*rest.at),
        tries=rest.tries,
        keys=rest.keys,
        pending=None if pending is None else Pressed(pending[0], Digit(pending[1]) if pending[1] else None),
        playback=rest.playback,
        timer=rest.timer,
        serial=rest.serial,
        presses=rest.presses,
        connected=rest.connected,
        stored=rest.stored,
        tune_begun=rest.tune_begun,
        after=rest.after,
    )
