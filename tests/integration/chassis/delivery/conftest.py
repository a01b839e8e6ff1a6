"""The example service with its own database on the real servers; topics are shared, so groups read from their start."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from chassis import bus, clock
from chassis.host import Host
from chassis.kafka_topics import create_topics
from chassis.migrations import migrate
from chassis.runtime import Runtime, open_runtime
from chassis.settings import Secrets, Settings, load_settings
from chassis.testing.infra import Infra
from contracts.topics import DEAD_LETTER_SUFFIX, PARTITIONS, TOPICS
from tests.integration.chassis.delivery.example import EXAMPLE, NOW


@pytest.fixture
async def settings(infra: Infra) -> Settings:
    """A fresh database and empty topics."""
    made = load_settings(
        kafka=infra.kafka,
        kafka_group=f"test-{uuid4().hex}",
        database_url=await infra.new_database(),
        secrets=Secrets.read(infra.secrets),
    )
    await migrate(made, [EXAMPLE.schema])
    owner = await asyncpg.connect(made.database_url)
    await clock.set_mode(owner, "stepped", NOW)
    await owner.close()
    await _empty_topics(made)
    return made


async def _empty_topics(settings: Settings) -> None:
    """Their records are deleted, not the topics: a topic made anew under its old name confuses clients for a while."""
    await create_topics(settings)
    places = [TopicPartition(t.name, n) for t in TOPICS for n in range(PARTITIONS)]
    places += [TopicPartition(t.dead_letters, 0) for t in TOPICS]
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await consumer.start()
    await admin.start()
    try:
        consumer.assign(places)
        filled = {place: end for place, end in (await consumer.end_offsets(places)).items() if end}
        if filled:
            await admin.delete_records({place: RecordsToDelete(before_offset=end) for place, end in filled.items()})
    finally:
        await admin.close()
        await consumer.stop()


@pytest.fixture
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    opened = await open_runtime(EXAMPLE, settings)
    yield opened
    await opened.close()


@pytest.fixture
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    started = await bus.open_producer(settings, "crm", client="test")
    yield started
    await started.stop()


async def settled(host: Host, *, seconds: float = 30) -> None:
    """Until nothing is unread, in hand or unsent."""
    limit = time.monotonic() + seconds
    while True:
        stuck = [*await host.subscriber.reasons(), *await host.busy()]
        if not stuck:
            return
        assert time.monotonic() < limit, stuck
        await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Told:
    partition: int
    key: str
    said: str
    event_id: str


async def everything(bootstrap: str, topic: str) -> list[Told]:
    """All records of a topic, each partition in its order, whatever was sent twice included."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = 1 if topic.endswith(DEAD_LETTER_SUFFIX) else PARTITIONS
        places = [TopicPartition(topic, n) for n in range(partitions)]
        consumer.assign(places)
        expected = sum((await consumer.end_offsets(places)).values())
        expected -= sum((await consumer.beginning_offsets(places)).values())
        found: list[Told] = []
        while len(found) < expected:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [_told(record) for record in batch]
        return found
    finally:
        await consumer.stop()


def _told(record: object) -> Told:
    headers = dict(record.headers)  # type: ignore[attr-defined]
    body = json.loads(record.value)  # type: ignore[attr-defined]
    said = body.get("phone_index") or body.get("reason") or ""
    return Told(record.partition, record.key.decode(), said, headers["ce_id"].decode())  # type: ignore[attr-defined]
