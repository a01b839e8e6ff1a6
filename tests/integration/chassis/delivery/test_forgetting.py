"""Plain documents do not lie on the intake topics for longer than they are needed; unread ones stay."""

from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaProducer

from chassis import forgetting, inbox
from chassis.runtime import Runtime
from chassis.testing.infra import Infra
from tests.integration.chassis.delivery.conftest import everything

TOPIC = "service-completed"


async def _committed(runtime: Runtime, offset: int) -> None:
    async with runtime.reading() as connection:
        await connection.execute(
            "INSERT INTO progress (topic, partition, next_offset) VALUES ($1, 0, $2)", TOPIC, offset
        )
        assert (await inbox.expected_offsets(connection))[TOPIC, 0] == offset


async def _publish(producer: AIOKafkaProducer, count: int) -> int:
    """Returns the offset after the last one."""
    last = None
    for n in range(count):
        last = await producer.send_and_wait(
            TOPIC, b'{"reason": "%d"}' % n, key=b"k", headers=[("ce_id", b"x")], partition=0
        )
    assert last is not None
    return int(last.offset) + 1


async def test_only_what_was_read_and_is_old_is_deleted(
    infra: Infra, runtime: Runtime, producer: AIOKafkaProducer
) -> None:
    end = await _publish(producer, 6)
    await _committed(runtime, end - 2)
    now = datetime.now(UTC)
    assert await forgetting.forget_read(runtime, now - timedelta(hours=72)) == {}
    assert len(await everything(infra.kafka, TOPIC)) == 6
    deleted = await forgetting.forget_read(runtime, now + timedelta(minutes=1))
    assert list(deleted.values()) == [end - 2]
    assert [one.said for one in await everything(infra.kafka, TOPIC)] == ["4", "5"]
    assert await forgetting.forget_read(runtime, now + timedelta(minutes=1)) == {}
