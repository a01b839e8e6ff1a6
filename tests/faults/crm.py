"""The CRM under test conditions: tells every service until it was taken, some of them again and again, out of order."""

import asyncio
import time
from collections.abc import Sequence

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.bus import open_producer
from tests.faults.cluster import Cluster
from tests.faults.intents import Intent, IntentLog

TOPIC = "service-completed"
DOOR = "/scheduler/api/v1/service-completions"
PATIENCE_SECONDS = 240.0
CHUNK_SECONDS = 0.25
BAD = (
    b"",
    b"this is not JSON",
    b"\xff\xfe\x00 neither is this",
    b'{"service_id": "S-BAD", "scenario": "after_sale", "completed_at": "2026-10-05T10:00:00+08:00"}',
    b'{"service_id": "S-BAD", "scenario": "after_sale", "completed_at": NaN, "customer": {"customer_id": "C"}}',
    b"[" * 5_000,
)


class NotTaken(Exception):
    """The system did not take a document within the patience of its sender."""


class Crm:
    """`told` is what the system has acknowledged at least once."""

    def __init__(self, cluster: Cluster, log: IntentLog) -> None:
        self._cluster = cluster
        self._random = log.random
        self._producer: AIOKafkaProducer | None = None
        self.told: dict[str, Intent] = {}

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def tell(self, intents: Sequence[Intent], *, seconds: float) -> None:
        """Spreads them, repeats among them and neighbours exchanged, over so many seconds."""
        if not intents:
            return
        sends = [intent for intent in intents for _ in range(1 + intent.repeats)]
        places = {id(intent): n for n, intent in enumerate(intents)}
        reach = max(10.0, len(intents) / 10)
        sends.sort(key=lambda intent: places[id(intent)] + self._random.uniform(0, reach))
        chunks = max(1, round(seconds / CHUNK_SECONDS))
        size = -(-len(sends) // chunks)
        begun = time.monotonic()
        for number in range(0, len(sends), size):
            await self._take(sends[number : number + size])
            await asyncio.sleep(max(0.0, begun + CHUNK_SECONDS * (number // size + 1) - time.monotonic()))

    async def publish(self, values: Sequence[bytes]) -> None:
        """Records as they are, each acknowledged by the broker."""
        left = list(values)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left:
            try:
                producer = await self._open()
                acks = [await producer.send(TOPIC, value, key=b"any") for value in left]
                results = await asyncio.gather(*acks, return_exceptions=True)
                left = [value for value, result in zip(left, results, strict=True) if isinstance(result, BaseException)]
            except (KafkaError, OSError):
                await self._forget_producer()
            if left and time.monotonic() > deadline:
                raise NotTaken(f"{len(left)} records were not acknowledged by the broker")
            if left:
                await asyncio.sleep(0.2)

    def bad(self, number: int) -> list[bytes]:
        return [self._random.choice(BAD) for _ in range(number)]

    async def _take(self, sends: Sequence[Intent]) -> None:
        by_http = [intent for intent in sends if intent.road == "http"]
        by_kafka = [intent for intent in sends if intent.road == "kafka"]
        await asyncio.gather(self.publish([intent.body() for intent in by_kafka]), self._post(by_http))
        self.told.update({intent.service_id: intent for intent in sends})

    async def _post(self, intents: Sequence[Intent]) -> None:
        if not intents:
            return
        body = [intent.document() for intent in intents]
        headers = {"Authorization": f"Bearer {self._cluster.token}"}
        deadline = time.monotonic() + PATIENCE_SECONDS
        said = "nothing"
        while time.monotonic() < deadline:
            for member in self._random.sample(found := self._cluster.of("scheduler"), len(found)):
                try:
                    answer = await self._cluster.web.post(member.web + DOOR, json=body, headers=headers)
                except httpx.HTTPError as error:
                    said = type(error).__name__
                    continue
                if answer.status_code == 202:
                    return
                said = f"{answer.status_code} {answer.text[:200]}"
            await asyncio.sleep(0.2)
        raise NotTaken(f"{len(intents)} documents were not taken by the HTTP door: {said}")

    async def _open(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await open_producer(self._cluster.settings, "crm", client="faults-crm")
        return self._producer

    async def _forget_producer(self) -> None:
        lost, self._producer = self._producer, None
        if lost is not None:
            try:
                await asyncio.wait_for(lost.stop(), 5)
            except (KafkaError, OSError, TimeoutError):
                return
