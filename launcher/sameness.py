"""Whether a topic is still the one that a service has read: offsets alone do not tell, the ids of records do."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis.consumer import INBOX_MEMORY
from chassis.kafka_login import client_arguments, principal_of
from chassis.records import judge
from chassis.settings import Settings
from contracts.ids import instant_of
from launcher.faults import StartError

PATIENCE_SECONDS = 30.0

Offsets = Mapping[TopicPartition, int]


async def require_same_topics(
    connection: asyncpg.Connection, settings: Settings, service: str, offsets: Offsets
) -> None:
    """`offsets`: what the service would read next. Raises StartError when the record before is none that it knows.

    Records that the broker no longer keeps and ids that the inbox no longer remembers are taken on trust.
    """
    consumer = AIOKafkaConsumer(**client_arguments(settings, principal_of(service)), enable_auto_commit=False)
    try:
        await consumer.start()
        last = await _last_read(consumer, offsets)
    finally:
        await consumer.stop()
    since = (datetime.now(UTC) - INBOX_MEMORY).timestamp() * 1000
    ids = {judged.event_id: judged.topic.name for judged in map(judge, last) if instant_of(judged.event_id) > since}
    rows = await connection.fetch("SELECT event_id FROM inbox WHERE event_id = ANY ($1::uuid[])", list(ids))
    if strange := sorted({ids[unknown] for unknown in ids.keys() - {row["event_id"] for row in rows}}):
        raise _made_anew(strange[0])


async def _last_read(consumer: AIOKafkaConsumer, offsets: Offsets) -> list[ConsumerRecord]:
    places = list(offsets)
    firsts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    for place in places:
        if ends[place] < offsets[place]:
            raise _made_anew(place.topic)
    left = {place for place in places if firsts[place] < offsets[place]}
    consumer.assign(sorted(left))
    for place in left:
        consumer.seek(place, offsets[place] - 1)
    found: list[ConsumerRecord] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while left:
            for place, records in (await consumer.getmany(*left, timeout_ms=500)).items():
                found.append(records[0])
                left.discard(place)
    return found


def _made_anew(topic: str) -> StartError:
    return StartError(f"The topic {topic} is not the one that was read: run ./aftercall recover topic {topic} instead.")
