"""How a rating call stands."""

from dataclasses import dataclass
from enum import StrEnum

from services.survey.interview import Interview
from services.survey.ivr.events import After, Place, Sound
from services.survey.ivr.menu import Menu
from services.survey.keypad import Pressed


class Phase(StrEnum):
    DIALLING = "dialling"
    ASKING = "asking"
    CONFIRMING = "confirming"
    """A key was pressed; until the correction time is over another one replaces it."""
    RECORDING = "recording"
    TUNE = "tune"
    LAST_WORDS = "last_words"
    TRANSFERRING = "transferring"
    TALKING = "talking"
    OVER = "over"


@dataclass(frozen=True)
class State:
    """`playback`, `timer`: what runs now; what any other number tells is old. `keys`: pressed for this question.

    `notice`: the playback with which the customer is told of the recording.
    """

    menu: Menu
    interview: Interview
    phase: Phase = Phase.DIALLING
    at: Place | None = None
    tries: int = 0
    keys: str = ""
    pending: Pressed | None = None
    queue: tuple[Sound, ...] = ()
    playback: int | None = None
    notice: int | None = None
    timer: int | None = None
    serial: int = 0
    presses: int = 0
    connected: bool = False
    hung_up: bool = False
    cause: int = 0
    stored: bool = True
    tune_begun: bool = False
    after: After | None = None
