"""One hop measured: a fresh consumer of one service reads what a topic holds, until the relay has its last ack."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.host import Host
from chassis.relay import pending
from chassis.runtime import Runtime, open_runtime
from contracts.topics import PARTITIONS
from launcher.bench.servers import Bed
from launcher.bench.usage import Mark, Usage, mark, since

PATIENCE = 300.0
"""Seconds after which a hop that does not end is an error and no slow hop."""


class BenchError(Exception):
    """What was to be measured did not work; no figure comes of it."""


@dataclass(frozen=True)
class Hop:
    """`records` were read; `told` rows were relayed because of them; `usage` from the first batch to the last ack."""

    name: str
    records: int
    told: int
    usage: Usage

    @property
    def rate(self) -> float:
        return self.records / self.usage.seconds


class Stages:
    """Runs hops one after another; knows how far each service has read each topic."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed
        self._read: dict[tuple[str, str], int] = {}

    async def hop(self, service: str, topic: str) -> Hop | None:
        """Everything of the topic that this service has not read yet; None when there is nothing."""
        ends = await written(self.bed, topic)
        count = ends - self._read.get((service, topic), 0)
        if not count:
            return None
        self._read[service, topic] = ends
        async with self._host(service, topic) as host:
            watch = _Watch(self.bed, host)
            async with host:
                async with asyncio.timeout(PATIENCE):
                    await watch.until(count)
                end = await mark(self.bed)
                told = await _rows(host.runtime, watch.outbox_before)
        return Hop(f"{topic} → {service}", watch.seen, told, since(watch.begin, end))

    async def others_have_read(self) -> None:
        """Services that were at work have read all that is there: hops begin behind it."""
        for service in self.bed.services:
            for subscription in service.subscriptions:
                topic = subscription.model.topic
                self._read[service.name, topic] = await written(self.bed, topic)

    async def work(self, service: str, *loops: str) -> Hop:
        """These loops of the service until they find nothing to do, and all it told is acknowledged."""
        wanted = [loop for loop in self.bed.service(service).loops if loop.name in loops]
        async with self._host(service, None) as host:
            before = await _last_row(host.runtime)
            async with host, asyncio.timeout(PATIENCE):
                begin, done = await mark(self.bed), 0
                for loop in wanted:
                    while some := await loop.step(host.runtime):
                        done += some
                await relayed(host)
                usage = since(begin, await mark(self.bed))
            return Hop(f"{service}: {', '.join(loops)}", done, await _rows(host.runtime, before), usage)

    @asynccontextmanager
    async def _host(self, service: str, topic: str | None) -> AsyncIterator[Host]:
        """The service with its relay, deaf to every other topic, without its timers."""
        declared = self.bed.service(service)
        heard = tuple(s for s in declared.subscriptions if s.model.topic == topic)
        runtime = await open_runtime(
            replace(declared, subscriptions=heard or declared.subscriptions[:1], loops=()), self.bed.settings
        )
        try:
            yield Host(runtime)
        finally:
            await runtime.close()


class _Watch:
    """Looks over the consumer's shoulder: when it began, how much it has settled."""

    def __init__(self, bed: Bed, host: Host) -> None:
        self.seen = 0
        self.outbox_before = 0
        self.begin = Mark(0, 0, 0, 0, 0)
        self._host = host
        self._handle = host.consumer.handle
        self._bed = bed
        host.consumer.handle = self._counted  # type: ignore[method-assign]

    async def _counted(self, records: Sequence[Any]) -> None:
        if not self.seen:
            self.outbox_before = await _last_row(self._host.runtime)
            self.begin = await mark(self._bed)
        await self._handle(records)
        self.seen += len(records)

    async def until(self, count: int) -> None:
        looked = time.monotonic()
        while self.seen < count:
            await asyncio.sleep(0.002)
            if time.monotonic() > looked + 1:
                await self._demand_health()
                looked = time.monotonic()
        await relayed(self._host)
        await self._demand_health()

    async def _demand_health(self) -> None:
        if self._host.subscriber.halted:
            raise BenchError(self._host.subscriber.halted)
        async with self._host.runtime.reading() as connection:
            dead = await connection.fetchval("SELECT min(reason) FROM dead_letter")
        if dead is not None:
            raise BenchError(f"{self._host.runtime.name} made a dead letter: {dead}")


async def relayed(host: Host) -> None:
    """Until the broker has acknowledged all that was committed here."""
    while True:
        if host.relay is not None and host.relay.drained >= host.runtime.tellings:
            async with host.runtime.reading() as connection:
                rows, _ = await pending(connection)
            if not rows:
                return
            host.runtime.committed.set()
        await asyncio.sleep(0.002)


async def written(bed: Bed, topic: str) -> int:
    """Records that the topic has taken in so far."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bed.settings.kafka)
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition(topic, partition) for partition in range(PARTITIONS)])
        return sum(ends.values())
    finally:
        await consumer.stop()


async def _last_row(runtime: Runtime) -> int:
    async with runtime.reading() as connection:
        return int(await connection.fetchval("SELECT coalesce(max(position), 0) FROM outbox"))


async def _rows(runtime: Runtime, after: int) -> int:
    async with runtime.reading() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM outbox WHERE position > $1", after))
