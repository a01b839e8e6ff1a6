"""What happens on a rating call, and what the call flow asks for in answer. Plain values, no exchange in them."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.vocabulary import Digit
from services.survey.interview import Interview
from services.survey.keypad import Pressed
from services.survey.renderings.ivr import Band


class Line(StrEnum):
    """What is said around the questions: the first five in the questionnaire's words, the others in the house's.

    `NOTICE`: that the call is recorded from here on.
    """

    OPENING = "opening"
    TUNE = "tune"
    AGAIN = "again"
    CLOSING = "closing"
    SOOTHING = "soothing"
    TRANSFER = "transfer"
    NEUTRAL = "neutral"
    NOTICE = "notice"


@dataclass(frozen=True)
class Place:
    """One question of one part of the callback."""

    part_id: str
    question_id: str


Sound = Line | Place | Band
"""A spoken line, a question's prompt, or a tune of this band."""


@dataclass(frozen=True)
class Answered:
    """The customer took the call."""


@dataclass(frozen=True)
class Resumed:
    """A worker found the call still up. `tune_begun`: a tune has been started in it already."""

    tune_begun: bool


@dataclass(frozen=True)
class Key:
    digit: Digit


@dataclass(frozen=True)
class PlaybackDone:
    """`heard` is False when the exchange could not play it; a stopped one is told as done as well."""

    playback: int
    heard: bool = True


@dataclass(frozen=True)
class TimeOver:
    timer: int


@dataclass(frozen=True)
class Recorded:
    """The answer is committed; `interview` is what is stored now."""

    interview: Interview


@dataclass(frozen=True)
class CommitFailed:
    """Nothing is stored, or nobody knows."""


@dataclass(frozen=True)
class AgentAnswered:
    pass


@dataclass(frozen=True)
class AgentFailed:
    """Nobody free, no answer, or outside hours."""


@dataclass(frozen=True)
class AgentLeft:
    pass


@dataclass(frozen=True)
class HungUp:
    """The customer's channel is gone. `cause`: the exchange's number (ITU-T Q.850)."""

    cause: int


Event = (
    Answered | Resumed | Key | PlaybackDone | TimeOver | Recorded | CommitFailed | AgentAnswered | AgentFailed
    | AgentLeft | HungUp
)  # fmt: skip


class TuneEnd(StrEnum):
    HEARD = "heard"
    HUNG_UP = "hung_up"
    FAILED = "failed"


class After(StrEnum):
    """What became of the call after its tune."""

    THANKED = "thanked"
    HUNG_UP = "hung_up"
    TRANSFERRED = "transferred"
    PROMISED = "promised"


@dataclass(frozen=True)
class KeepPress:
    """Every key is kept. `place`: the question that was put; None after the last one."""

    number: int
    digit: Digit
    place: Place | None


@dataclass(frozen=True)
class Play:
    playback: int
    sound: Sound


@dataclass(frozen=True)
class Stop:
    playback: int


@dataclass(frozen=True)
class StartTimer:
    """Ends the timer that ran before."""

    timer: int
    seconds: float


@dataclass(frozen=True)
class Record:
    """Commit this answer, then tell `Recorded` or `CommitFailed`."""

    place: Place
    keys: str
    pressed: Pressed


@dataclass(frozen=True)
class RecordSound:
    """The notice was heard to its end: from now on the sound of the call may be recorded. Asked for once at most."""


@dataclass(frozen=True)
class EndTune:
    how: TuneEnd


@dataclass(frozen=True)
class Transfer:
    """Ring an agent, then tell `AgentAnswered` or `AgentFailed`."""


@dataclass(frozen=True)
class StopAgent:
    """Nobody waits for the agent any more."""


@dataclass(frozen=True)
class Bridge:
    """Customer and agent hear each other."""


@dataclass(frozen=True)
class Promise:
    """Somebody calls back: store it before the customer is told so."""


@dataclass(frozen=True)
class HangUp:
    """Then the exchange tells `HungUp`."""


@dataclass(frozen=True)
class Finish:
    """The one outcome of the call. `cause` matters when it was never connected.

    `stored` is False when an answer could not be committed; `after` is None where no tune was begun.
    """

    connected: bool
    cause: int
    stored: bool
    after: After | None


Command = (
    KeepPress | Play | Stop | StartTimer | Record | RecordSound | EndTune | Transfer | StopAgent | Bridge | Promise
    | HangUp | Finish
)  # fmt: skip
