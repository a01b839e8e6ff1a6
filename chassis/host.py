"""A service at work: its relay, its subscriber and its loops in this process, started and stopped together."""

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog

from chassis import bus, forgetting, metrics, relay
from chassis.consumer import Consumer
from chassis.housekeeping import PARTITIONS_LOOP
from chassis.loops import LoopRunner
from chassis.producing import RenewableProducer
from chassis.relay import Relay
from chassis.runtime import Runtime
from chassis.setaside import UNPARK_LOOP
from contracts.topics import read_by

STALE_SECONDS = 60.0
MEASURE_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Host:
    """Use as an async context manager. Ready means progress: outbox not stale, partitions assigned, no loop failing."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.consumer = Consumer(runtime)
        self.subscriber = bus.Subscriber(runtime, self.consumer)
        self.loops = [LoopRunner(runtime, loop) for loop in (*runtime.service.loops, UNPARK_LOOP, PARTITIONS_LOOP)]
        self._exits = AsyncExitStack()
        self.relay: Relay | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Host":
        async with AsyncExitStack() as exits:
            await self._start(exits)
            self._exits = exits.pop_all()
        self.runtime.checks.append(self._reasons)
        self.runtime.facts.append(self._facts)
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
        exits.push_async_callback(self._end_tasks)
        self._tasks.append(asyncio.create_task(self.relay.run(), name=f"{name} relay"))
        self._tasks.append(asyncio.create_task(self._measure(), name=f"{name} figures"))
        if any(topic.intake for topic in read_by(name)):
            self._tasks.append(asyncio.create_task(forgetting.run(self.runtime), name=f"{name} forgetting"))
        for runner in self.loops:
            self._tasks.append(asyncio.create_task(runner.run(), name=f"{name} {runner.loop.name}"))
        exits.push_async_callback(self.subscriber.stop)
        await self.subscriber.start()

    async def _measure(self) -> None:
        """Keeps the gauges fresh for whoever scrapes them, also while nobody asks for readiness."""
        while True:
            await asyncio.sleep(MEASURE_SECONDS)
            try:
                await self._facts()
            except Exception as error:
                log.warning("figures are stale", service=self.runtime.name, error=type(error).__name__)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _reasons(self) -> list[str]:
        name = self.runtime.name
        async with self.runtime.reading() as connection:
            _, age = await relay.pending(connection)
        found = await self.subscriber.reasons()
        if age > STALE_SECONDS:
            found.append(f"the outbox has waited for {age:.0f} s")
        found += [f"loop {runner.loop.name} fails: {runner.failing}" for runner in self.loops if runner.failing]
        found += [f"{task.get_name()} ended" for task in self._tasks if task.done()]
        return [f"{name}: {reason}" for reason in found]

    async def _facts(self) -> Mapping[str, Any]:
        async with self.runtime.reading() as connection:
            rows, age = await relay.pending(connection)
            dead = await connection.fetchval("SELECT count(*) FROM dead_letter WHERE state = 'dead'")
            parked = await connection.fetchval("SELECT count(*) FROM parked")
        lag = await self.subscriber.lag()
        metrics.OUTBOX_AGE.labels(self.runtime.name).set(age)
        metrics.LAG.labels(self.runtime.name).set(lag)
        return {"outbox": rows, "outbox_age": age, "lag": lag, "dead_letters": dead, "parked": parked}

    def astir(self, written: Mapping[tuple[str, int], int]) -> list[str]:
        """What is seen to be under way here, without asking database or broker. `written`: ends of the partitions."""
        if found := self._at_work():
            return found
        if self.relay is None or self.relay.drained < self.runtime.commits:
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
        found = await self.hidden()
        if lag := await self.subscriber.lag():
            found.append(f"{self.runtime.name}: {lag} records unread")
        return found + self._at_work()
