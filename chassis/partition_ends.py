"""Where partitions begin and end, asked on a connection on which nothing is fetched.

A broker answers the requests of one connection in their order: behind a fetch that waits for records, a question waits
with it.
"""

import asyncio
from collections.abc import Collection, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka_login import client_arguments
from chassis.settings import Settings
from contracts.topics import PARTITIONS

Offsets = Mapping[TopicPartition, int]


class PartitionEnds:
    """A client of no group; it connects at the first question."""

    def __init__(self, settings: Settings, principal: str, topics: Collection[str], *, answer_seconds: int) -> None:
        self._settings, self._principal, self._topics = settings, principal, topics
        self._answer_seconds = answer_seconds
        self._opening = asyncio.Lock()
        self._client: AIOKafkaConsumer | None = None

    async def ends(self, places: Collection[TopicPartition]) -> Offsets:
        """The next offset of each. Raises what aiokafka raises when the broker is away."""
        ends: Offsets = await (await self._connected()).end_offsets(list(places))
        return ends

    async def firsts(self, places: Collection[TopicPartition]) -> Offsets:
        """The oldest offset that is kept of each."""
        firsts: Offsets = await (await self._connected()).beginning_offsets(list(places))
        return firsts

    async def close(self) -> None:
        async with self._opening:
            client, self._client = self._client, None
            if client is not None:
                await client.stop()

    async def _connected(self) -> AIOKafkaConsumer:
        async with self._opening:
            if self._client is None:
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> AIOKafkaConsumer:
        client, connected = (
            AIOKafkaConsumer(
                **client_arguments(self._settings, self._principal),
                enable_auto_commit=False,
                request_timeout_ms=self._answer_seconds * 1000,
            ),
            False,
        )
        try:
            await client.start()
            # assigned, so that the leaders of all topics are asked for at once; paused, so that nothing is fetched
            places = [TopicPartition(topic, number) for topic in self._topics for number in range(PARTITIONS)]
            client.assign(places)
            client.pause(*places)
            connected = True
            return client
        finally:
            if not connected:
                await client.stop()
