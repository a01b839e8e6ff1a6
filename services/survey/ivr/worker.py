"""One worker at one exchange: places calls, takes those that come in, goes on with those that are up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import structlog

from chassis.errors import is_transient
from contracts.vocabulary import Digit
from services.survey import recording
from services.survey.ivr import beginning, ending, events
from services.survey.ivr.agents import customer_of
from services.survey.ivr.clicks import Clicks
from services.survey.ivr.desk import Desk
from services.survey.ivr.exchange import ExchangeError, NoSuchChannel
from services.survey.ivr.incoming import Incoming, permit_of_caller
from services.survey.ivr.live import GONE, AgentGone, AgentUp, LiveCall
from services.survey.ivr.recorder import listens
from services.survey.metrics import EXCHANGE_FAILURES
from services.survey.permits import Permit
from services.survey.store import permits, rating_calls
from services.survey.store.rating_calls import RatingCall

log = structlog.get_logger(__name__)
EVERY_SECONDS = 0.5
REFUSED_SECONDS = 30.0
"""An exchange that refuses to ring is left alone so long: its fault must not use up every permit."""
HUNG_UP_SECONDS = 0.5
REFUSED = 21
"""Q.850: call rejected, here by the exchange itself."""
_RINGS = ("Down", "Rsrvd", "OffHook", "Dialing", "Ring", "Ringing", "Pre-ring")


class TakenOver(Exception):
    """Another client has this worker's application name."""


class Worker:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._calls: dict[str, LiveCall] = {}
        self._incoming: dict[str, Incoming] = {}
        self._tasks = asyncio.TaskGroup()
        self._clicks = Clicks(desk, self._tasks)

    async def run(self, told: AsyncIterator[dict[str, Any]]) -> None:
        """Calls that are up at the end are taken up again by the next worker of this name."""
        try:
            async with self._tasks:
                await self._go_on()
                works = (self._dial(), self._clicks.run(), self._desk.recorder.run())
                loops = [self._tasks.create_task(work) for work in works]
                try:
                    async for event in told:
                        self._take(event)
                finally:
                    for loop in loops:
                        loop.cancel()
                raise ExchangeError("the exchange closed the connection")
        except ExceptionGroup as group:
            raise group.exceptions[0] from group

    # what the exchange tells

    def _take(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind == "ApplicationReplaced":
            raise TakenOver
        if kind == "PlaybackFinished":
            playback = event["playback"]
            self._played(playback["target_uri"].removeprefix("channel:"), playback["id"], playback["state"] == "done")
        elif kind in ("RecordingFinished", "RecordingFailed"):
            self._desk.recorder.look()
        elif channel := event.get("channel", {}).get("id"):
            self._take_of_channel(kind, channel, event)

    def _take_of_channel(self, kind: str | None, channel: str, event: dict[str, Any]) -> None:
        if listens(channel):
            if kind == "StasisStart":
                self._tasks.create_task(self._desk.recorder.record(channel))
        elif kind == "StasisStart":
            self._started(channel, event["channel"])
        elif kind == "ChannelDtmfReceived" and channel in self._calls:
            self._calls[channel].tell(events.Key(Digit(event["digit"])))
        elif kind in ("ChannelDestroyed", "StasisEnd"):  # of a call that came in only the second is told
            self._ended(channel, int(event.get("cause", 0)))

    def _started(self, channel: str, told: dict[str, Any]) -> None:
        customer = customer_of(channel)
        if self._clicks.told(channel, None):
            return
        if channel in self._calls:
            self._calls[channel].tell(events.Answered())
        elif customer in self._calls:
            self._calls[customer].tell(AgentUp(channel))
        else:
            self._tasks.create_task(self._let_in(channel, told.get("caller", {}).get("number", "")))

    def _played(self, channel: str, playback: str, heard: bool) -> None:
        if self._clicks.played(channel, playback, heard=heard):
            return
        if channel in self._calls and not heard:
            self._tasks.create_task(self._failed(channel, playback))
        elif channel in self._calls:
            self._calls[channel].played(playback, heard=heard)
        elif channel in self._incoming:
            self._incoming[channel].over.set()

    async def _failed(self, channel: str, playback: str) -> None:
        """A sound that ends with its channel is told as failed as well, before the end of the channel."""
        await asyncio.sleep(HUNG_UP_SECONDS)
        call = self._calls.get(channel)
        if call is not None and not call.state.hung_up:
            EXCHANGE_FAILURES.labels("sound").inc()
            log.error("the exchange could not play a sound: is the folder of sounds there and readable?")
            call.played(playback, heard=False)

    def _ended(self, channel: str, cause: int) -> None:
        customer = customer_of(channel)
        if self._clicks.told(channel, cause or GONE):
            return
        if channel in self._calls:
            self._calls[channel].tell(events.HungUp(cause))
        elif customer in self._calls:
            self._calls[customer].tell(AgentGone(channel))
        elif channel in self._incoming:
            self._incoming[channel].over.set()

    # calls that begin

    async def _dial(self) -> None:
        while True:
            try:
                rings = await self._ring_all(self._desk.settings.calls - len(self._calls))
            except Exception as error:
                if not is_transient(error):
                    raise
                # calls that are up go on; their answers are stored or not, one by one
                log.warning("no call is placed: the database is away", error=type(error).__name__)
                rings = True
            await asyncio.sleep(EVERY_SECONDS if rings else REFUSED_SECONDS)

    async def _ring_all(self, free: int) -> bool:
        """False when the exchange refused."""
        for permit in await self._waiting(free) if free > 0 else ():
            if not await self._ring(permit):
                return False
        return True

    async def _waiting(self, free: int) -> list[Permit]:
        runtime = self._desk.runtime
        now = await runtime.now()
        async with runtime.reading() as connection:
            return await rating_calls.waiting(connection, now, free)

    async def _ring(self, permit: Permit) -> bool:
        """False when the exchange refused."""
        settings = self._desk.settings
        taken = await beginning.take(self._desk.runtime, permit, exchange=settings.app)
        if taken is None:
            return True
        call = await self._begin(taken.key)
        endpoint = settings.endpoint.format(number=taken.phone)
        try:
            await self._desk.exchange.originate(
                taken.channel_id, endpoint, caller=settings.caller_id, seconds=settings.ring_seconds
            )
        except ExchangeError as error:
            EXCHANGE_FAILURES.labels("originate").inc()
            log.error("the exchange does not ring", error=str(error))
            call.tell(events.HungUp(REFUSED))
            return False
        return True

    async def _let_in(self, channel: str, number: str) -> None:
        try:
            await self._answer(channel, number)
        except Exception as error:
            level = log.warning if is_transient(error) or isinstance(error, ExchangeError) else log.exception
            level("a call that came in cannot be taken", error=type(error).__name__)

    async def _answer(self, channel: str, number: str) -> None:
        """Somebody calls to rate: by the number a permit that waits is found; without one the call is ended kindly."""
        desk = self._desk
        permit = await permit_of_caller(desk.runtime, number)
        taken = None
        if permit is not None:
            taken = await beginning.take(desk.runtime, permit, exchange=desk.settings.app, channel=channel)
        try:
            await desk.exchange.answer(channel)
            if taken is None:
                self._incoming[channel] = Incoming(desk, channel)
                await self._incoming[channel].turn_away()
            else:
                (await self._begin(taken.key)).tell(events.Answered())
        except NoSuchChannel:
            if taken is not None:
                (await self._begin(taken.key)).tell(events.HungUp(GONE))
        finally:
            self._incoming.pop(channel, None)

    async def _begin(self, key: permits.Key) -> LiveCall:
        async with self._desk.runtime.reading() as connection:
            call = await rating_calls.call_of(connection, key)
        assert call is not None, "its row was stored"  # noqa: S101
        return await self._live(call)

    async def _live(self, call: RatingCall) -> LiveCall:
        runtime = self._desk.runtime
        async with runtime.reading() as connection:
            permit = await permits.permit_of(connection, *call.key)
            interview = await recording.interview_of(connection, runtime.vault, call.callback_id)
        assert permit is not None, "a call has its permit"  # noqa: S101
        assert interview is not None, "and its interview"  # noqa: S101
        live = LiveCall(self._desk, call, interview, permit.skill)
        self._calls[call.channel_id] = live
        self._tasks.create_task(self._run(live))
        return live

    async def _run(self, live: LiveCall) -> None:
        channel = live.call.channel_id
        try:
            await live.run()
        except Exception:
            # one call that cannot go on must not end the others; time ends it
            log.exception("a rating call cannot go on")
            try:
                await self._desk.exchange.hang_up(channel)
            except ExchangeError as error:
                log.warning("its channel is gone", error=str(error))
        finally:
            self._calls.pop(channel, None)

    # calls of a worker before this one

    async def _go_on(self) -> None:
        runtime = self._desk.runtime
        up = await self._desk.exchange.channels()
        async with runtime.reading() as connection:
            left = await rating_calls.open_at(connection, self._desk.settings.app)
        for call in left:
            state = up.get(call.channel_id)
            if state is None:
                await ending.finish(runtime, call, ending.unheard_end(call))
            elif state in _RINGS:
                await self._live(call)
            else:
                (await self._live(call)).tell(events.Resumed(tune_begun=call.tune_begun_at is not None))
