"""One rating call that is up: events in, the flow's commands out, one after the other."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, replace

import structlog

from services.survey.interview import Interview
from services.survey.ivr import events
from services.survey.ivr.agents import AgentLeg
from services.survey.ivr.book import Book, Stored
from services.survey.ivr.desk import Desk
from services.survey.ivr.events import Command, Event
from services.survey.ivr.exchange import ExchangeError, NoSuchChannel
from services.survey.ivr.flow import step
from services.survey.ivr.menu import menu_of
from services.survey.ivr.state import Phase, State
from services.survey.metrics import EXCHANGE_FAILURES, PROMPTED_AGAIN, RATING_CALLS_UP
from services.survey.renderings.ivr import Band
from services.survey.store.rating_calls import RatingCall

log = structlog.get_logger(__name__)
GONE = 16  # Q.850: normal clearing


@dataclass(frozen=True)
class AgentUp:
    channel: str


@dataclass(frozen=True)
class AgentGone:
    channel: str


class LiveCall:
    """`tell` from anywhere; `run` ends with the call."""

    def __init__(self, desk: Desk, call: RatingCall, interview: Interview, skill: str) -> None:
        records = desk.settings.records(interview.callback.scenario)
        menu = menu_of(interview, call.language, desk.settings.times, records=records)
        self.call = call
        self.state = State(menu, interview, presses=call.presses)
        self._desk = desk
        self._skill = skill
        self._book = Book(desk.runtime, call)
        self._agent = AgentLeg(desk, call.channel_id)
        self._inbox: asyncio.Queue[Event | AgentUp | AgentGone] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        # a worker before this one may have left sounds playing: theirs have another name
        self._playbacks = f"{call.channel_id}-{secrets.token_hex(4)}-"

    def tell(self, told: Event | AgentUp | AgentGone) -> None:
        self._inbox.put_nowait(told)

    def played(self, playback: str, *, heard: bool) -> None:
        """A playback of this name is over."""
        if playback.startswith(self._playbacks):
            self.tell(events.PlaybackDone(int(playback.removeprefix(self._playbacks)), heard))

    async def run(self) -> None:
        RATING_CALLS_UP.labels(self.state.phase).inc()
        try:
            while self.state.phase is not Phase.OVER:
                event = await self._of_call(await self._inbox.get())
                if event is not None:
                    await self._take(event)
        finally:
            RATING_CALLS_UP.labels(self.state.phase).dec()
            self._stop_timer()
        try:
            await self._agent.clear()
        except ExchangeError as error:
            log.warning("a bridge is left behind", error=str(error))

    async def _of_call(self, told: Event | AgentUp | AgentGone) -> Event | None:
        """What the agent's leg tells of the call."""
        if isinstance(told, AgentUp):
            return await self._agent.answered(told.channel)
        if isinstance(told, AgentGone):
            return await self._agent.gone(told.channel)
        return told

    async def _take(self, event: Event) -> None:
        if isinstance(event, events.Answered):
            self.state = replace(self.state, interview=await self._book.answered(self.state.interview))
        waiting = deque([event])
        while waiting:
            before = self.state.phase
            self.state, commands = step(self.state, waiting.popleft())
            RATING_CALLS_UP.labels(before).dec()
            RATING_CALLS_UP.labels(self.state.phase).inc()
            for command in commands:
                told = await self._do(command)
                if told is not None:
                    waiting.append(told)

    async def _do(self, command: Command) -> Event | None:
        if isinstance(command, Stored):
            return await self._book.write(command, self.state.menu)
        if isinstance(command, events.StartTimer):
            self._start_timer(command)
            return None
        return await self._at_exchange(command)

    async def _at_exchange(self, command: Command) -> Event | None:
        exchange = self._desk.exchange
        try:
            match command:
                case events.Play():
                    return await self._play(command)
                case events.Stop():
                    await exchange.stop(self._name(command.playback))
                case events.RecordSound():
                    await self._desk.recorder.begin(self.call.key, self.call.customer_ref, self.call.channel_id)
                case events.Transfer():
                    await self._book.note_agent("agent_called")
                    return await self._agent.ring(self._skill)
                case events.StopAgent():
                    await self._agent.stop()
                case events.Bridge():
                    await self._book.note_agent("agent_answered")
                    await self._agent.bridge()
                case events.HangUp():
                    await exchange.hang_up(self.call.channel_id)
        except NoSuchChannel:
            # stopping what is over and an agent that is gone end nothing here
            return None if isinstance(command, events.Stop | events.StopAgent) else events.HungUp(GONE)
        except ExchangeError as error:
            kind = type(command).__name__.lower()
            EXCHANGE_FAILURES.labels(kind).inc()
            log.warning("the exchange refused", command=kind, error=str(error))
            return _after_refusal(command)
        return None

    async def _play(self, command: events.Play) -> Event | None:
        sound = command.sound
        if sound is events.Line.AGAIN:
            PROMPTED_AGAIN.inc()
        if isinstance(sound, Band):
            tune = await self._book.begin_tune(sound, self._desk.settings)
            if tune is None:
                return events.PlaybackDone(command.playback, heard=False)
            file = self._desk.sounds.of_tune(tune)
        else:
            file = self._desk.sounds.of_words(sound, self.state.menu)
        await self._desk.exchange.play(self.call.channel_id, self._name(command.playback), file)
        return None

    def _name(self, playback: int) -> str:
        return f"{self._playbacks}{playback}"

    def _start_timer(self, wanted: events.StartTimer) -> None:
        self._stop_timer()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(wanted.seconds, self.tell, events.TimeOver(wanted.timer))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _after_refusal(command: Command) -> Event | None:
    match command:
        case events.Play():
            return events.PlaybackDone(command.playback, heard=False)
        case events.Transfer() | events.Bridge():
            return events.AgentFailed()
        case events.HangUp():
            return events.HungUp(GONE)
        case _:
            return None
