"""The two yardsticks: a bare consume → produce loop, and the same hop written the usual way."""

import asyncio
import time
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from contracts.topics import PARTITIONS
from launcher.bench.servers import Bed

EVENT = b"x" * 500
BATCH = 2000


async def raw_loop(bed: Bed, count: int) -> float:
    """Records a second: batches of 2,000 read, each record sent on, all acknowledged, offsets committed."""
    source, target = await _topics(bed)
    await fill(bed, source, count)
    consumer = AIOKafkaConsumer(
        source, bootstrap_servers=bed.settings.kafka, group_id=source, auto_offset_reset="earliest",
        enable_auto_commit=False,
    )  # fmt: skip
    producer = _producer(bed)
    await producer.start()
    await consumer.start()
    try:
        seen, begun = 0, 0.0
        while seen < count:
            batches = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            begun = begun or time.monotonic()
            records = [record for batch in batches.values() for record in batch]
            acks = [await producer.send(target, record.value, key=record.key) for record in records]
            await asyncio.gather(*acks)
            await consumer.commit()
            seen += len(records)
        return count / (time.monotonic() - begun)
    finally:
        await consumer.stop()
        await producer.stop()


async def usual_way(bed: Bed, count: int) -> float:
    """Records a second: a subscriber takes one message a call, one transaction each, an awaited publish after it."""
    source, target = await _topics(bed)
    await bed.owner.execute("CREATE TABLE IF NOT EXISTS public.usual_way (id text PRIMARY KEY, body bytea NOT NULL)")
    await fill(bed, source, count)
    broker = KafkaBroker(bed.settings.kafka, logger=None)
    pool = await asyncpg.create_pool(bed.settings.database_url, min_size=1, max_size=4)
    seen, begun, done = 0, 0.0, asyncio.Event()

    @broker.subscriber(source, group_id=source, ack_policy=AckPolicy.ACK, auto_offset_reset="earliest")
    async def one(body: bytes) -> None:
        nonlocal seen, begun
        begun = begun or time.monotonic()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("INSERT INTO public.usual_way VALUES ($1, $2)", uuid4().hex, body)
        await broker.publish(body, target)
        seen += 1
        if seen == count:
            done.set()

    try:
        await broker.start()
        async with asyncio.timeout(300):
            await done.wait()
        return count / (time.monotonic() - begun)
    finally:
        await broker.stop()
        await pool.close()


async def fill(bed: Bed, topic: str, count: int) -> None:
    producer = _producer(bed)
    await producer.start()
    try:
        for first in range(0, count, BATCH):
            some = range(first, min(first + BATCH, count))
            await asyncio.gather(*[await producer.send(topic, EVENT, key=str(number).encode()) for number in some])
    finally:
        await producer.stop()


async def _topics(bed: Bed) -> tuple[str, str]:
    name = f"bench-{uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bed.settings.kafka)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(f"{name}-{end}", PARTITIONS, 1) for end in ("in", "out")])
    finally:
        await admin.close()
    await fill(bed, f"{name}-out", BATCH)  # every partition has its leader and the broker is warm
    return f"{name}-in", f"{name}-out"


def _producer(bed: Bed) -> AIOKafkaProducer:
    """With the relay's settings."""
    return AIOKafkaProducer(
        bootstrap_servers=bed.settings.kafka, acks="all", enable_idempotence=True, linger_ms=5,
        max_batch_size=256 * 1024,
    )  # fmt: skip
