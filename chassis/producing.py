"""The producer of a relay, which can be given up for a new one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, ProducerClosed, RecordTooLargeError

from chassis.parcels import Outgoing, Parcel, Place, parcels_of

STOPPING_SECONDS = 3.0
TOO_LARGE = (MessageSizeTooLargeError, RecordTooLargeError)
Result = Place | BaseException
"""Where a record lies now, or why it does not."""

log = structlog.get_logger(__name__)


class RenewableProducer:
    """An idempotent producer that missed a number is refused by the broker for ever: it must be replaced.

    What the old one still held may or may not have arrived; whoever renews it sends again, under the same event ids.
    """

    def __init__(self, open_one: Callable[[], Awaitable[AIOKafkaProducer]]) -> None:
        self._open_one = open_one
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        self._producer = await self._open_one()

    async def send_all(self, records: Sequence[Outgoing]) -> list[Result]:
        """What became of each record, in their order; records of one partition arrive in it. Waits for the broker.

        Raises `ProducerClosed` after a renewal that failed.
        """
        if self._producer is None:
            raise ProducerClosed
        partitions = {topic: await self._producer.partitions_for(topic) for topic in {one.topic for one in records}}
        parcels = parcels_of(records, partitions, self._producer.create_batch)
        results: list[Result] = [ProducerClosed()] * len(records)
        for parcel, result in zip(parcels, await self._sent(self._producer, parcels), strict=True):
            if isinstance(result, TOO_LARGE) and len(parcel.members) > 1:
                # the broker does not say which of them it was
                for member in parcel.members:
                    (results[member],) = await self.send_all([records[member]])
                continue
            for nth, member in enumerate(parcel.members):
                results[member] = result if isinstance(result, BaseException) else result.after(nth)
        return results

    @staticmethod
    async def _sent(producer: AIOKafkaProducer, parcels: Sequence[Parcel]) -> list[Result]:
        acks = [await producer.send_batch(p.batch, p.topic, partition=p.partition) for p in parcels]
        results = await asyncio.gather(*acks, return_exceptions=True)
        return [r if isinstance(r, BaseException) else Place(r.topic, r.partition, r.offset) for r in results]

    async def renew(self) -> None:
        """Raises what the client raises while the broker is away; then there is none until the next call."""
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        """What cannot be delivered in a few seconds is left to the next one: it is still in the outbox."""
        old, self._producer = self._producer, None
        if old is None:
            return
        try:
            await asyncio.wait_for(old.stop(), STOPPING_SECONDS)
        except (KafkaError, OSError, TimeoutError):
            log.warning("producer given up")
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(_break_off(old), STOPPING_SECONDS)


async def _break_off(producer: AIOKafkaProducer) -> None:
    """Without waiting for what it holds; its own `stop` does nothing when it was called before."""
    await producer._sender.close()
    await producer.client.close()
