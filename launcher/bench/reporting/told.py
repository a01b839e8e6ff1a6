"""Events put on their topics as a relay puts them."""

import asyncio
from collections.abc import Iterable
from itertools import islice

from aiokafka import AIOKafkaProducer

from chassis.bus import open_producer
from contracts.envelope import Event, Headers, type_of
from contracts.ids import event_id
from contracts.topics import CRM
from launcher.bench.servers import NOW, Bed

AT_ONCE = 2_000


async def tell(bed: Bed, events: Iterable[Event]) -> int:
    """How many were acknowledged."""
    producer = await open_producer(bed.settings, CRM, client="bench-topics")
    told, waiting = 0, iter(events)
    try:
        while some := list(islice(waiting, AT_ONCE)):
            await asyncio.gather(*[await _send(producer, event) for event in some])
            told += len(some)
    finally:
        await producer.stop()
    return told


async def _send(producer: AIOKafkaProducer, event: Event) -> asyncio.Future[object]:
    named = Headers(event_id(NOW), "/bench", type_of(type(event)), NOW, event.correlation())
    body = event.model_dump_json(exclude_none=True).encode()
    sent: asyncio.Future[object] = await producer.send(
        event.topic, body, key=event.key().encode(), headers=named.encoded()
    )
    return sent
