"""Idle means told: what is settled while the broker is asked how much is unread is not taken for rest."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from chassis.host import Host
from chassis.records import RawRecord
from chassis.runtime import Runtime
from chassis.stepping import Stepper
from chassis.testing.infra import Infra
from tests.integration.chassis.delivery.conftest import everything, settled
from tests.integration.chassis.delivery.example import an_acceptance, record_of

TOPIC, TOLD = "service-accepted", "opt-out-requested"
RELAY_WAITS_SECONDS = 0.5


async def _idle(host: Host) -> None:
    await Stepper([host]).idle()


@pytest.mark.parametrize("rests", [settled, _idle], ids=["busy", "stepper"])
async def test_a_batch_that_ends_while_the_broker_is_asked_is_told_before_rest(
    infra: Infra,
    runtime: Runtime,
    producer: AIOKafkaProducer,
    monkeypatch: pytest.MonkeyPatch,
    rests: Callable[[Host], Awaitable[None]],
) -> None:
    asked, handled = asyncio.Event(), asyncio.Event()
    host = Host(runtime)
    handle, lag = host.consumer.handle, host.subscriber.lag

    async def only_when_asked(records: Sequence[RawRecord]) -> None:
        await asked.wait()
        await handle(records)
        handled.set()

    async def after_the_batch(topics: Collection[str] | None = None) -> int:
        if not asked.is_set():
            await _send(producer)
            asked.set()
            await handled.wait()
        return await lag(topics)

    monkeypatch.setattr(host.consumer, "handle", only_when_asked)
    monkeypatch.setattr(host.subscriber, "lag", after_the_batch)
    async with host, asyncio.timeout(60):
        assert host.relay is not None
        monkeypatch.setattr(host.relay, "_send", _later(host.relay._send))
        while await host.subscriber.reasons():  # noqa: ASYNC110 - nothing tells of an assignment
            await asyncio.sleep(0.02)
        await rests(host)
        assert [one.said for one in await everything(infra.kafka, TOLD)] == ["S1"]


def _later(send: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    async def slow(rows: Any) -> Any:
        await asyncio.sleep(RELAY_WAITS_SECONDS)
        return await send(rows)

    return slow


async def _send(producer: AIOKafkaProducer) -> None:
    key, value, headers = record_of(an_acceptance("customer", "S1"))
    await producer.send_and_wait(TOPIC, value, key=key, headers=headers)
