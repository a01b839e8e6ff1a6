"""What was read from the intake topics is deleted there: they are the only ones with plain personal data."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from chassis import inbox
from chassis.kafka_login import client_arguments, principal_of
from chassis.runtime import Runtime
from contracts.topics import BY_NAME

KEPT = timedelta(hours=72)
"""How long a document that was read may lie on its intake topic."""
EVERY_SECONDS = 3600.0

log = structlog.get_logger(__name__)


async def run(runtime: Runtime) -> None:
    """Until cancelled. A broker that is away only puts it off."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            deleted = await forget_read(runtime, datetime.now(UTC) - KEPT)
            if deleted:
                log.info("read documents deleted", service=runtime.name, partitions=len(deleted))
        except Exception as error:
            log.warning("read documents not deleted yet", service=runtime.name, error=type(error).__name__)


async def forget_read(runtime: Runtime, before: datetime) -> dict[TopicPartition, int]:
    """Deletes what this service has committed and the broker got before that instant (machine clock).

    Nothing unread is ever deleted. Returns, for each partition concerned, the offset that is now its first.
    """
    async with runtime.reading() as connection:
        committed = await inbox.expected_offsets(connection)
    read = {TopicPartition(*place): end for place, end in committed.items() if BY_NAME[place[0]].intake and end > 0}
    if not read:
        return {}
    login = client_arguments(runtime.settings, principal_of(runtime.name))
    consumer = AIOKafkaConsumer(**login)
    admin = AIOKafkaAdminClient(**login)
    await consumer.start()
    await admin.start()
    try:
        consumer.assign(list(read))
        first_kept = await consumer.offsets_for_times({place: int(before.timestamp() * 1000) for place in read})
        ends = {p: min(end, first_kept[p].offset) if first_kept.get(p) else end for p, end in read.items()}
        firsts = await consumer.beginning_offsets(list(ends))
        due = {place: end for place, end in ends.items() if end > firsts[place]}
        if due:
            await admin.delete_records({place: RecordsToDelete(before_offset=end) for place, end in due.items()})
        return due
    finally:
        await admin.close()
        await consumer.stop()
