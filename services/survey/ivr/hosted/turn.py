"""One request of a provider: the call goes on until it waits for the next one."""

from collections import deque
from dataclasses import replace

from chassis.runtime import Runtime
from contracts.vocabulary import Digit
from services.survey.ivr import events
from services.survey.ivr.book import Book, Stored
from services.survey.ivr.desk import people_work
from services.survey.ivr.events import Command, Event
from services.survey.ivr.flow import step
from services.survey.ivr.hosted import lent
from services.survey.ivr.hosted.document import Dial, Document, GoOn, HangUp, Listen, Then, Told
from services.survey.ivr.hosted.settings import PATH, Hosted
from services.survey.ivr.sounds import prompt_file
from services.survey.ivr.state import Phase, State
from services.survey.ivr.tunes import Tune
from services.survey.keypad import MOST_DIGITS
from services.survey.metrics import PROMPTED_AGAIN, TRANSFERS
from services.survey.questionnaire import Entry
from services.survey.renderings.ivr import Band
from services.survey.store.rating_calls import RatingCall

_KEYS = frozenset(Digit)
NOBODY = (events.AgentFailed(),)


class Turn:
    """`state` is at rest before and after. What a provider plays before it listens counts as heard: a key stops it."""

    def __init__(self, runtime: Runtime, settings: Hosted, call: RatingCall, state: State, *, skill: str) -> None:
        self.state = state
        self._runtime, self._settings, self._skill = runtime, settings, skill
        self._book = Book(runtime, call)
        self._sounds: list[str] = []
        self._seconds = 0.0
        self._telephones: tuple[str, ...] = ()
        self._over = False

    async def answer(self, told: Told) -> Document:
        """What a request means where the call rests."""
        state = self.state
        if state.phase is Phase.TUNE and state.playback is not None:
            return await self.take(events.PlaybackDone(state.playback, told.played))
        if state.phase is Phase.TRANSFERRING:
            TRANSFERS.labels("answered" if told.talked else "nobody_free").inc()
            return await self.take(*((events.AgentAnswered(), events.AgentLeft()) if told.talked else NOBODY))
        keys = [events.Key(Digit(key)) for key in told.keys if key in _KEYS]
        if not keys:
            return await self.take(*(() if state.timer is None else (events.TimeOver(state.timer),)))
        in_one_piece = self._keys() > 1
        document = await self.take(*keys)
        if in_one_piece and self.state.phase is Phase.ASKING and self.state.keys and self.state.timer is not None:
            # it stopped listening to a number because no more came
            document = await self.take(events.TimeOver(self.state.timer))
        return document

    async def take(self, *told: Event) -> Document:
        """`following`, `status` and `caller` are left to whoever knows the addresses."""
        waiting = deque(told)
        while waiting:
            event = waiting.popleft()
            if isinstance(event, events.Answered):
                self.state = replace(self.state, interview=await self._book.answered(self.state.interview))
            self.state, commands = step(self.state, event)
            answers = [await self._do(command) for command in commands]
            waiting.extendleft(answer for answer in reversed(answers) if answer is not None)
        return Document(tuple(self._sounds), self._then())

    async def _do(self, command: Command) -> Event | None:
        if isinstance(command, Stored):
            return await self._book.write(command, self.state.menu)
        match command:
            case events.Play():
                return await self._play(command)
            case events.StartTimer():
                self._seconds = command.seconds
            case events.Transfer():
                return await self._ring()
            case events.Bridge():
                await self._book.note_agent("agent_answered")
            case events.HangUp():
                self._over = True
        return None

    async def _play(self, command: events.Play) -> Event | None:
        sound = command.sound
        if isinstance(sound, Band):
            tune = await self._book.begin_tune(sound, self._settings)
            if tune is None:
                return events.PlaybackDone(command.playback, heard=False)
            self._sounds.append(self._address(tune))
            return None  # whether it is heard is told by the next request
        if sound is events.Line.AGAIN:
            PROMPTED_AGAIN.inc()
        menu = self.state.menu
        self._sounds.append(self._settings.sound(prompt_file(menu.words(sound), menu.language)))
        return events.PlaybackDone(command.playback)

    def _address(self, tune: Tune) -> str:
        if not tune.uploaded:
            return self._settings.sound(tune.file)
        return f"{self._runtime.settings.web_url.rstrip('/')}{PATH}/{lent.path_of(self._settings, tune.id)}"

    async def _ring(self) -> Event | None:
        await self._book.note_agent("agent_called")
        if not people_work(self._runtime, self._settings, await self._runtime.now()):
            TRANSFERS.labels("closed").inc()
            return events.AgentFailed()
        self._telephones = self._settings.telephones(self._skill)
        if not self._telephones:
            TRANSFERS.labels("no_telephone").inc()
            return events.AgentFailed()
        return None

    def _then(self) -> Then:
        if self._over or self.state.phase is Phase.OVER:
            return HangUp()
        if self.state.phase is Phase.TUNE:
            return GoOn()
        if self.state.phase is Phase.TRANSFERRING:
            return Dial(self._telephones, self._settings.transfer_seconds)
        return Listen(self._seconds, self._keys(), self._settings.pause_seconds)

    def _keys(self) -> int:
        """A number is taken in one piece: two fast keys must not fall between two requests."""
        state = self.state
        if state.phase is not Phase.ASKING or state.at is None:
            return 1
        asked = state.menu.question(state.at).ivr
        is_number = asked is not None and asked.entry is Entry.NUMBER
        return MOST_DIGITS - len(state.keys) if is_number else 1
