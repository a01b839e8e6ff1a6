"""A service at work: its relay, its subscriber and its loops in this process, started and stopped together."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from chassis import bus, forgetting, relay
from chassis.consumer import Consumer
from chassis.errors import is_transient
from chassis.housekeeping import PARTITIONS_LOOP
from chassis.keeping import KeptTask
from chassis.loops import LoopRunner
from chassis.measuring import STALE_SECONDS, Measuring
from chassis.producing import RenewableProducer
from chassis.relay import Relay
from chassis.runtime import Runtime
from chassis.setaside import UNPARK_LOOP
from chassis.watchdog import Watchdog
from contracts.topics import read_by

POOL_PATIENCE_SECONDS = 2.0


class Host:
    """Use as an async context manager. Ready means progress: see `_reasons`."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.consumer = Consumer(runtime)
        self.subscriber = bus.Subscriber(runtime, self.consumer)
        self.loops = [LoopRunner(runtime, loop) for loop in (*runtime.service.loops, UNPARK_LOOP, PARTITIONS_LOOP)]
        self._exits = AsyncExitStack()
        self.relay: Relay | None = None
        self.measuring = Measuring(runtime, self.consumer, self.subscriber)
        self._kept: list[KeptTask] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Host":
        self.runtime.checks.append(self._reasons)
        self.runtime.facts.append(self._facts)
        async with AsyncExitStack() as exits:
            await self._start(exits)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    async def _start(self, exits: AsyncExitStack) -> None:
        """What fails or is cancelled half-way takes down what was started before it."""
        name = self.runtime.name
        settings = self.runtime.settings
        producer = RenewableProducer(partial(bus.open_producer, settings, name, client=f"aftercall-{name}-relay"))
        await producer.start()
        exits.push_async_callback(producer.stop)
        self.relay = Relay(self.runtime, producer, owner=f"{socket.gethostname()}:{os.getpid()}")
        exits.callback(self.measuring.clear)
        exits.push_async_callback(self._end_tasks)
        self._keep("relay", self.relay.run)
        self._keep("figures", self.measuring.run)
        self._keep("offsets", self.subscriber.notes.run)
        patience = settings.kafka_stall_seconds
        self._keep("watchdog", Watchdog(self.runtime, self.consumer, self.subscriber, seconds=patience).run)
        if any(topic.intake for topic in read_by(name)):
            self._keep("forgetting", partial(forgetting.run, self.runtime))
        for task in self.runtime.service.tasks:
            if task.wanted():
                self._keep(task.name, partial(task.run, self.runtime))
        for runner in self.loops:
            self._keep(f"loop {runner.loop.name}", runner.run)
        exits.push_async_callback(self.subscriber.stop)
        await self.subscriber.start()

    def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        kept = KeptTask(self.runtime.name, name, work)
        self._kept.append(kept)
        self._tasks.append(asyncio.create_task(kept.run(), name=f"{self.runtime.name} {name}"))

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _reasons(self) -> list[str]:
        found = [*await self._database_reasons(), *await self.subscriber.reasons(), *self.measuring.stuck()]
        found += [f"loop {runner.loop.name} fails: {runner.failing}" for runner in self.loops if runner.failing]
        found += [task.fault for task in self._kept if task.fault]
        return [f"{self.runtime.name}: {reason}" for reason in found]

    async def _database_reasons(self) -> list[str]:
        """Readiness is asked often and must answer at once: a pool that cannot be had is a reason, not a wait."""
        try:
            async with asyncio.timeout(POOL_PATIENCE_SECONDS), self.runtime.reading() as connection:
                _, age = await relay.pending(connection)
        except TimeoutError:
            return [f"no answer of the database in {POOL_PATIENCE_SECONDS:.0f} s: away, or every connection in use"]
        except Exception as error:
            if not is_transient(error):
                raise
            return [f"the database is away: {type(error).__name__}"]
        return [f"the outbox has waited for {age:.0f} s"] if age > STALE_SECONDS else []

    async def _facts(self) -> Mapping[str, Any]:
        return {**await self.measuring.database(), **await self.measuring.broker()}

    def astir(self, written: Mapping[tuple[str, int], int]) -> list[str]:
        """What is seen to be under way here, without asking database or broker. `written`: ends of the partitions."""
        if found := self._at_work():
            return found
        if self.relay is None or self.relay.drained < self.runtime.tellings:
            return [f"{self.runtime.name}: a commit that the relay has not looked at"]
        behind = self.subscriber.behind(written)
        return [f"{self.runtime.name}: {behind} records unread"] if behind else []

    def _at_work(self) -> list[str]:
        found = ["a batch in hand"] if self.consumer.in_hand else []
        found += [f"loop {runner.loop.name}" for runner in self.loops if not runner.settled and not runner.failing]
        return [f"{self.runtime.name}: {what}" for what in found]

    async def hidden(self) -> list[str]:
        """Rows in the outbox that wait for a running transaction; the relay is asked to look again."""
        async with self.runtime.reading() as connection:
            rows, _ = await relay.pending(connection)
        if rows:
            self.runtime.committed.set()
        return [f"{self.runtime.name}: {rows} rows in the outbox"] if rows else []

    async def busy(self) -> list[str]:
        """What is still under way here, asked of database and broker."""
        commits = self.runtime.commits
        found = await self.hidden()
        if lag := await self.subscriber.lag():
            found.append(f"{self.runtime.name}: {lag} records unread")
        found += self._at_work()
        # What the broker no longer calls unread may have become a row of the outbox after that was looked at.
        return found or ([f"{self.runtime.name}: a commit meanwhile"] if self.runtime.commits != commits else [])
