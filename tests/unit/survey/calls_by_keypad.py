"""Rating calls without an exchange: what the flow asks for is done at once, the rest is up to the test."""

from collections.abc import Callable
from datetime import UTC, datetime

from contracts.events.parts import CallbackPart
from contracts.vocabulary import (
    CallbackId,
    Channel,
    CompletionRef,
    CustomerRef,
    Digit,
    Purpose,
    Scenario,
    Sealed,
)
from services.survey import forms
from services.survey.interview import Callback, Given, Interview, Marks
from services.survey.ivr import events
from services.survey.ivr.events import Band, Command, Event, Line, Place
from services.survey.ivr.flow import step
from services.survey.ivr.menu import menu_of
from services.survey.ivr.state import Phase, State
from services.survey.questionnaire import Medium

AT = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
RATING = Place("p1", "overall")


def an_interview(questionnaire: str = "after_sale", purpose: Purpose = Purpose.SURVEY) -> Interview:
    part = CallbackPart(part_id="p1", purpose=purpose, round=1, questionnaire=questionnaire)
    callback = Callback(
        callback_id=CallbackId("cb-1"), customer_ref=CustomerRef("c-1"), completion_ref=CompletionRef("s-1"),
        source="crm", service_id="S-1", scenario=Scenario.AFTER_SALE, month="2026-10", parts=(part,), in_design=True,
        context=Sealed("-"), narrative=None,
    )  # fmt: skip
    return Interview(
        callback=callback, permit_no=1, channel=Channel.IVR, medium=Medium.IVR, agent=None, started_at=AT,
        connected_at=None, identity_at=None, consent_at=None, heard_at=None, ended_at=None, marks=Marks(),
        parts=forms.blank(callback, Medium.IVR),
    )  # fmt: skip


class CallByKeypad:
    """`stored`: what was committed, in order. `commits` decides whether a commit succeeds."""

    def __init__(
        self,
        interview: Interview | None = None,
        *,
        commits: Callable[[], bool] = lambda: True,
        can_transfer: bool = True,
        records: bool = False,
    ) -> None:
        interview = interview or an_interview()
        self.state = State(menu_of(interview, "zh-CN", can_transfer=can_transfer, records=records), interview)
        self.all: list[Command] = []
        self.stored: list[tuple[Place, str, int | str]] = []
        self._commits = commits

    def tell(self, *told: Event) -> None:
        """Each event; a wish to commit is answered at once."""
        waiting = list(told)
        while waiting:
            self.state, commands = step(self.state, waiting.pop(0))
            self.all += commands
            for command in commands:
                if isinstance(command, events.Record):
                    waiting.insert(0, self.commit(command))

    def commit(self, record: events.Record) -> Event:
        if not self._commits():
            return events.CommitFailed()
        place, interview = record.place, self.state.interview
        taken = forms.taken(interview, place.part_id, place.question_id, Given(record.pressed.value), AT)
        self.stored.append((place, record.keys, record.pressed.value))
        return events.Recorded(taken)

    def press(self, *keys: str) -> None:
        self.tell(*(events.Key(Digit(key)) for key in keys))

    def wait(self) -> None:
        """Until the running timer is over."""
        assert self.state.timer is not None, f"no timer runs in {self.state.phase}"
        self.tell(events.TimeOver(self.state.timer))

    def hear(self, *, heard: bool = True) -> None:
        """The sound that plays, to its end."""
        assert self.state.playback is not None, f"nothing plays in {self.state.phase}"
        self.tell(events.PlaybackDone(self.state.playback, heard))

    def hear_all(self) -> None:
        while self.state.playback is not None and self.state.phase is not Phase.OVER:
            self.hear()

    def answer(self, *keys: str) -> None:
        self.press(*keys)
        if self.state.timer is not None and self.state.phase is Phase.CONFIRMING:
            self.wait()

    @property
    def played(self) -> list[object]:
        return [command.sound for command in self.all if isinstance(command, events.Play)]

    @property
    def tunes(self) -> list[object]:
        return [sound for sound in self.played if isinstance(sound, Band)]

    @property
    def lines(self) -> list[object]:
        return [sound for sound in self.played if isinstance(sound, Line)]

    def of(self, kind: type[Command]) -> list[Command]:
        return [command for command in self.all if isinstance(command, kind)]

    @property
    def finish(self) -> events.Finish:
        [end] = self.of(events.Finish)
        assert isinstance(end, events.Finish)
        return end
