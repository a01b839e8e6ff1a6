"""Sounds of calls: recorded at the exchange once the notice was heard, fetched when over, sealed, deleted there.

A recording listens in on the customer's channel, both ways, so that prompts, transfer and conversation are in it. Its
row is stored before the exchange is asked: whatever lies there is known, also to the next worker.
"""

import asyncio
import base64
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from chassis.errors import is_transient
from chassis.runtime import Runtime
from contracts.ids import named_id
from services.survey.audio.wav import RATE
from services.survey.ivr.exchange import Exchange, ExchangeError, NoSuchChannel
from services.survey.ivr.storing import kept
from services.survey.metrics import EXCHANGE_FAILURES, RECORDINGS
from services.survey.store import call_recordings
from services.survey.store.call_recordings import SOUND, AtExchange
from services.survey.store.permits import Key

log = structlog.get_logger(__name__)
LONGEST_SECONDS = 3600
"""The exchange ends a recording by itself after it."""
EVERY_SECONDS = 5.0
BEGIN_SECONDS = 10.0
"""For the channel that listens in to come up."""
TRIES = 5
"""How often an exchange is asked for a file, or to delete it, before that is left to a person."""
_LISTENS = "-listens"


def name_of(key: Key) -> str:
    """Of the file at the exchange."""
    return named_id("call-recording", key[0], str(key[1]))


def listens(channel: str) -> bool:
    """Whether it is a channel that only listens in on another one."""
    return channel.endswith(_LISTENS)


class Recorder:
    """Of one worker; `run` never ends."""

    def __init__(self, runtime: Runtime, exchange: Exchange, app: str) -> None:
        self._runtime, self._exchange, self._app = runtime, exchange, app
        self._beginning: dict[str, float] = {}
        self._wake = asyncio.Event()
        for outcome in ("kept", "lost", "left_behind"):
            RECORDINGS.labels(outcome)  # seen as 0 before the first one, so that its rise is seen

    async def begin(self, key: Key, customer_ref: str, channel: str) -> None:
        """Call it when the notice was heard, and only then. A call goes on without its recording where that fails."""
        if not await kept("that a call is recorded", self._insert(key, customer_ref)):
            return
        name = name_of(key)
        self._beginning[name] = time.monotonic() + BEGIN_SECONDS
        try:
            await self._exchange.listen_in(channel, f"{name}{_LISTENS}")
        except ExchangeError as error:
            self._failed(name, error)

    async def record(self, channel: str) -> None:
        """The channel that listens in is up."""
        name = channel.removesuffix(_LISTENS)
        try:
            await self._exchange.record(channel, name, seconds=LONGEST_SECONDS)
        except ExchangeError as error:
            self._failed(name, error)
        self._beginning.pop(name, None)

    def look(self) -> None:
        """The exchange told the end of a recording."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._settle(await self._open())
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("recordings wait: the database is away", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), EVERY_SECONDS)

    async def _insert(self, key: Key, customer_ref: str) -> bool:
        async with self._runtime.transaction(customers=[customer_ref]) as tx:
            until = tx.now + timedelta(days=tx.settings.recording_days)
            return await call_recordings.insert(
                tx.connection, key, customer_ref=customer_ref, exchange=self._app, at=tx.now, keep_until=until
            )

    def _failed(self, name: str, error: ExchangeError) -> None:
        self._beginning.pop(name, None)
        if not isinstance(error, NoSuchChannel):  # the customer hung up
            EXCHANGE_FAILURES.labels("record").inc()
            log.error("the exchange does not record", error=str(error))
        self.look()

    async def _open(self) -> Sequence[AtExchange]:
        async with self._runtime.reading() as connection:
            return await call_recordings.at_exchange(connection, self._app)

    async def _settle(self, rows: Sequence[AtExchange]) -> None:
        for row in rows:
            if self._beginning.get(name_of(row.key), 0.0) > time.monotonic():
                continue
            try:
                await self._settle_one(row)
            except Exception as error:
                if is_transient(error):
                    raise
                # one recording that cannot be had must not end the others
                await self._note_failure(row, error)

    async def _settle_one(self, row: AtExchange) -> None:
        """What is over is fetched, or found to be nothing; then the exchange deletes it."""
        name = name_of(row.key)
        if await self._exchange.is_recording(name):
            if not row.begun:  # destroyed while the call lasts; its file is whole, and deleted, once that is told
                await self._exchange.end_recording(name)
            return
        if row.begun:
            sound = await self._exchange.recorded(name)
            if not await (self._keep(row, sound) if sound else self._lose(row)):
                return
        with suppress(NoSuchChannel):
            await self._exchange.hang_up(f"{name}{_LISTENS}")
        await self._exchange.delete_recording(name)
        await self._gone(row)

    async def _keep(self, row: AtExchange, sound: bytes) -> bool:
        keys = await self._runtime.vault.keyring(text=[row.customer_ref])
        content = base64.b64encode(sound).decode()
        sealed = await asyncio.to_thread(keys.seal_text, row.customer_ref, SOUND, content)
        async with self._runtime.transaction(customers=[row.customer_ref]) as tx:
            is_kept = await call_recordings.keep(
                tx.connection, row.key, sealed=sealed, seconds=len(sound) / RATE, at=tx.now,
                keep_until=tx.now + timedelta(days=tx.settings.recording_days),
            )  # fmt: skip
            if is_kept:
                tx.count(RECORDINGS.labels("kept"))
        return is_kept

    async def _lose(self, row: AtExchange) -> bool:
        async with self._runtime.transaction(customers=[row.customer_ref]) as tx:
            is_lost = await call_recordings.lose(tx.connection, row.key)
            if is_lost:
                tx.count(RECORDINGS.labels("lost"))
        return is_lost

    async def _gone(self, row: AtExchange) -> None:
        async with self._runtime.transaction(customers=[row.customer_ref]) as tx:
            await call_recordings.gone_from_exchange(tx.connection, row.key)

    async def _note_failure(self, row: AtExchange, error: Exception) -> None:
        EXCHANGE_FAILURES.labels("recording").inc()
        if row.tries + 1 < TRIES:
            log.warning("a recording cannot be had yet", name=name_of(row.key), error=str(error))
            async with self._runtime.transaction(customers=[row.customer_ref]) as tx:
                await call_recordings.note_try(tx.connection, row.key)
            return
        log.error(
            "a recording stays at the exchange: fetch or delete it there by hand",
            name=name_of(row.key),
            error=str(error),
        )
        RECORDINGS.labels("left_behind").inc()
        await self._lose(row)
        await self._gone(row)
