"""How much is unread: asked without waiting behind a fetch, and known again after a restart."""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from chassis.host import Host
from chassis.records import RawRecord
from chassis.runtime import Runtime
from contracts.topics import PARTITIONS
from tests.integration.chassis.delivery.conftest import settled
from tests.integration.chassis.delivery.example import an_acceptance, record_of

TOPIC = "service-accepted"
PLACES = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
QUESTIONS = 6


async def test_what_is_unread_is_told_at_once_beside_a_fetch_that_waits(runtime: Runtime) -> None:
    beside = behind = 0.0
    async with Host(runtime) as host:
        await settled(host)
        for _ in range(QUESTIONS):
            await asyncio.sleep(0.2)  # a fetch is under way by then
            beside += await _seconds(host.subscriber.lag())
            behind += await _seconds(host.subscriber._kafka.end_offsets(PLACES))
    assert beside < behind / 2, f"{beside:.2f} s, and {behind:.2f} s on the connection of the fetch"


async def test_after_a_restart_only_what_came_meanwhile_is_unread(
    runtime: Runtime, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _send(producer, range(50))
    async with Host(runtime) as host:
        await settled(host)
    await _send(producer, range(50, 60))
    again, may_go_on = Host(runtime), asyncio.Event()
    handle = again.consumer.handle

    async def later(records: Sequence[RawRecord]) -> None:
        await may_go_on.wait()
        await handle(records)

    monkeypatch.setattr(again.consumer, "handle", later)
    async with again, asyncio.timeout(60):
        while await again.subscriber.reasons():  # noqa: ASYNC110 - nothing tells of an assignment
            await asyncio.sleep(0.02)
        assert await again.subscriber.lag_by_topic({TOPIC}) == {TOPIC: 10}
        may_go_on.set()
        await settled(again)
        assert await again.subscriber.lag() == 0


async def _seconds(question: Awaitable[object]) -> float:
    began = time.monotonic()
    await question
    return time.monotonic() - began


async def _send(producer: AIOKafkaProducer, numbers: Iterable[int]) -> None:
    for number in numbers:
        key, value, headers = record_of(an_acceptance(f"customer-{number}", f"S{number:03}"))
        await producer.send(TOPIC, value, key=key, headers=headers)
    await producer.flush()
