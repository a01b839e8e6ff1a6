"""The producer of a relay, which can be given up for a new one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed

STOPPING_SECONDS = 3.0

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

    async def send(self, topic: str, value: bytes, *, key: bytes, headers: Sequence[tuple[str, bytes]]) -> Any:
        """A future of the acknowledgement. Raises `ProducerClosed` after a renewal that failed."""
        if self._producer is None:
            raise ProducerClosed
        return await self._producer.send(topic, value, key=key, headers=headers)

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
