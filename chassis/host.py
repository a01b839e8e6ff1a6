"""A service at work: its relay, its subscriber and its loops in this process, started and stopped together."""

import asyncio
import os
import socket
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaProducer

from chassis import bus, metrics, relay
from chassis.consumer import Consumer
from chassis.housekeeping import PARTITIONS_LOOP
from chassis.loops import LoopRunner
from chassis.relay import Relay
from chassis.runtime import Runtime
from chassis.setaside import UNPARK_LOOP

STALE_SECONDS = 60.0


class Host:
    """Use as an async context manager. Ready means progress: outbox not stale, partitions assigned, no loop failing."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.consumer = Consumer(runtime)
        self.subscriber = bus.Subscriber(runtime, self.consumer)
        self.loops = [LoopRunner(runtime, loop) for loop in (*runtime.service.loops, UNPARK_LOOP, PARTITIONS_LOOP)]
        self._producer: AIOKafkaProducer | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Host":
        name = self.runtime.name
        owner = f"{socket.gethostname()}:{os.getpid()}"
        self._producer = await bus.open_producer(self.runtime.settings.kafka, f"aftercall-{name}-relay")
        relaying = Relay(self.runtime, self._producer, owner=owner)
        self._tasks = [asyncio.create_task(relaying.run(), name=f"{name} relay")]
        self._tasks += [asyncio.create_task(runner.run(), name=f"{name} {runner.loop.name}") for runner in self.loops]
        await self.subscriber.start()
        self.runtime.checks.append(self._reasons)
        self.runtime.facts.append(self._facts)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.subscriber.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._producer is not None:
            await self._producer.stop()

    async def _reasons(self) -> list[str]:
        name = self.runtime.name
        async with self.runtime.reading() as connection:
            _, age = await relay.pending(connection)
        metrics.OUTBOX_AGE.labels(name).set(age)
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
        metrics.LAG.labels(self.runtime.name).set(lag)
        return {"outbox": rows, "outbox_age": age, "lag": lag, "dead_letters": dead, "parked": parked}

    async def busy(self) -> list[str]:
        """What is still under way here; empty when nothing but the clock can bring new work."""
        async with self.runtime.reading() as connection:
            rows, _ = await relay.pending(connection)
        found = [f"{rows} rows in the outbox"] if rows else []
        if lag := await self.subscriber.lag():
            found.append(f"{lag} records unread")
        if self.consumer.in_hand:
            found.append("a batch in hand")
        found += [f"loop {runner.loop.name}" for runner in self.loops if not runner.settled and not runner.failing]
        return [f"{self.runtime.name}: {what}" for what in found]

    def kick(self) -> None:
        for runner in self.loops:
            runner.kick()
