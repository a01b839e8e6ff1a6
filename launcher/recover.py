"""Ways out after the broker forgot something. The services concerned stand still while they are taken."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import IllegalGenerationError, UnknownMemberIdError

from chassis import inbox
from chassis.bus import open_producer
from chassis.consumer import INBOX_MEMORY
from chassis.kafka_login import ADMIN, client_arguments, principal_of
from chassis.locks import lock_key
from chassis.outbox import unpack
from chassis.runtime import Runtime, open_runtime
from chassis.settings import Settings, load_settings
from contracts.topics import BY_NAME, PARTITIONS, SERVICES, Topic
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.sameness import require_same_topics
from launcher.terminal import say

SURELY_REMEMBERED = INBOX_MEMORY - timedelta(days=10)
"""Older rows were read long ago and their ids may be forgotten: they are told for rebuilds, and not read again."""

# Ordered by the column, a number; `xid` alone would be the text that is given out.
_TOLD = """
SELECT xid::text AS xid, position, key, headers, payload, written_at >= $4 AS is_read_again FROM outbox
WHERE topic = $1 AND (xid, position) > ($2::text::xid8, $3)
  AND (xid, position) <= (SELECT xid, position FROM outbox_cursor)
ORDER BY outbox.xid, position LIMIT 2000
"""

Offsets = dict[TopicPartition, int]


async def recover_offsets(names: Sequence[str], *, settings: Settings | None = None) -> None:
    """Gives the groups of these services the offsets back that their databases remember. Nothing is read again.

    Raises StartError for a service that is running, and for a topic that is not the one the offsets are of.
    """
    settings = settings or load_settings()
    for service in load_services(names):
        async with _opened(service.name, settings) as runtime, runtime.reading() as connection:
            known = await inbox.expected_offsets(connection)
            offsets = {TopicPartition(*place): next_one for place, next_one in known.items() if next_one > 0}
            await require_same_topics(connection, settings, service.name, offsets)
        await _commit(settings, service.name, offsets)
        say(f"{service.name}: offsets of {len(offsets)} partitions given back.")


async def recover_topic(name: str, *, settings: Settings | None = None) -> None:
    """Fills a topic that was made anew from its producers' outboxes, in their order and under the same event ids, and
    lets its readers begin at its start; what they had read before has no second effect.

    Raises StartError when there is no such topic, or a service that writes or reads it is running.
    """
    settings = settings or load_settings()
    if name not in BY_NAME:
        raise StartError(f"There is no topic {name}.")
    topic = BY_NAME[name]
    starts = await _emptied(settings, topic)
    for producer in (one for one in topic.producers if one in SERVICES):
        async with _opened(producer, settings) as runtime:
            told = await _tell_again(settings, runtime, topic, starts)
        say(f"{producer}: {told} records told again.")
    for reader in (one for one in topic.consumers if one in SERVICES):
        async with _opened(reader, settings) as runtime, runtime.reading() as connection:
            await _commit(settings, reader, starts)
            await inbox.read_on_from(connection, {(p.topic, p.partition): offset for p, offset in starts.items()})
        say(f"{reader}: reads {name} from its start.")
    if topic.intake:
        say("What the CRM had told and nobody had read is gone: let it tell those documents again.")


@asynccontextmanager
async def _opened(name: str, settings: Settings) -> AsyncIterator[Runtime]:
    (service,) = load_services([name])
    runtime = await open_runtime(service, settings)
    try:
        yield runtime
    finally:
        await runtime.close()


async def _commit(settings: Settings, service: str, offsets: Mapping[TopicPartition, int]) -> None:
    consumer = AIOKafkaConsumer(
        **client_arguments(settings, principal_of(service)),
        group_id=f"{settings.kafka_group}-{service}",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(dict(offsets))
    except (UnknownMemberIdError, IllegalGenerationError):
        raise StartError(f"{service} is still reading: stop all its processes first.") from None
    finally:
        await consumer.stop()


async def _emptied(settings: Settings, topic: Topic) -> Offsets:
    """Takes out what the relays have told since the topic was made anew: the old rows come before it."""
    places = [TopicPartition(topic.name, number) for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(**client_arguments(settings, ADMIN), enable_auto_commit=False)
    await consumer.start()
    try:
        if topic.intake:
            return dict(await consumer.beginning_offsets(places))
        ends = dict(await consumer.end_offsets(places))
    finally:
        await consumer.stop()
    admin = AIOKafkaAdminClient(**client_arguments(settings, ADMIN))
    await admin.start()
    try:
        filled = {place: RecordsToDelete(before_offset=end) for place, end in ends.items() if end}
        if filled:
            await admin.delete_records(filled)
    finally:
        await admin.close()
    return ends


async def _tell_again(settings: Settings, runtime: Runtime, topic: Topic, starts: Offsets) -> int:
    producer = await open_producer(settings, runtime.name, client=f"aftercall-{runtime.name}-recover")
    try:
        async with runtime.reading() as connection:
            lock = lock_key(runtime.name, "relay", "outbox")
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
                raise StartError(f"{runtime.name} is still relaying: stop all its processes first.")
            try:
                return await _copy(connection, producer, topic, starts)
            finally:
                await connection.execute("SELECT pg_advisory_unlock($1)", lock)
    finally:
        await producer.stop()


async def _copy(connection: asyncpg.Connection, producer: AIOKafkaProducer, topic: Topic, starts: Offsets) -> int:
    xid, position, told = "0", 0, 0
    since = datetime.now(UTC) - SURELY_REMEMBERED
    while rows := await connection.fetch(_TOLD, topic.name, xid, position, since):
        acks: list[Any] = []
        for row in rows:
            headers = unpack(row["headers"])
            acks.append(await producer.send(topic.name, row["payload"], key=row["key"].encode(), headers=headers))
        for row, ack in zip(rows, acks, strict=True):
            place = await ack
            if not row["is_read_again"]:
                starts[TopicPartition(place.topic, place.partition)] = place.offset + 1
        xid, position, told = rows[-1]["xid"], rows[-1]["position"], told + len(rows)
    return told
