"""Records of a topic between two sets of offsets, and what the ledger keeps of each."""

import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.records import RawRecord
from contracts.ids import intake_id
from launcher.faults import StartError

STALLED_SECONDS = 30.0
DIGEST_BYTES = 16
Offsets = Mapping[int, int]
"""By partition."""


@dataclass(frozen=True)
class Subject:
    """What of a body names the business fact it tells, and its revision (0 where there is none)."""

    name: Callable[[Mapping[str, Any]], str | None]
    revision: Callable[[Mapping[str, Any]], int] = lambda _: 0

    def of(self, body: bytes) -> tuple[str | None, int]:
        """(None, 0) for a body that cannot be read: such a record became a dead letter."""
        try:
            document = json.loads(body)
            name = self.name(document)
            return (None, 0) if name is None else (name.replace("\x00", ""), self.revision(document))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None, 0


@dataclass(frozen=True)
class Line:
    """One record, as the temporary table holds it."""

    partition: int
    offset: int
    event_id: UUID
    key: str
    producer: str
    cause: UUID | None
    at: datetime
    digest: bytes
    subject: str | None
    revision: int


async def read(
    consumer: AIOKafkaConsumer, topic: str, firsts: Offsets, ends: Offsets
) -> AsyncIterator[Sequence[RawRecord]]:
    """Every record below `ends`, in batches, each partition in order. Raises `StartError` when the broker stalls."""
    open_places = {TopicPartition(topic, n): end for n, end in ends.items() if end > firsts[n]}
    consumer.assign(list(open_places))
    for place in open_places:
        consumer.seek(place, firsts[place.partition])
    moved = time.monotonic()
    while open_places:
        for place, records in (await consumer.getmany(*open_places, timeout_ms=500)).items():
            moved = time.monotonic()
            yield [record for record in records if record.offset < open_places[place]]
        for place in [p for p, end in open_places.items() if await consumer.position(p) >= end]:
            del open_places[place]
            consumer.pause(place)
        if time.monotonic() - moved > STALLED_SECONDS:
            raise StartError(f"The broker hands out nothing of {topic} any more: look at its log.")


def line_of(record: RawRecord, *, intake: bool, subject: Subject | None) -> Line:
    """Identity as the consumers see it: from the header, on intake (and without a header) from the record's place."""
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers if value is not None}
    placed = intake_id(record.topic, record.partition, record.offset, record.timestamp)
    value = record.value or b""
    name, revision = subject.of(value) if subject else (None, 0)
    return Line(
        partition=record.partition,
        offset=record.offset,
        event_id=placed if intake else _uuid(headers.get("ce_id")) or placed,
        key=(record.key or b"").decode("utf-8", "replace").replace("\x00", "\ufffd"),
        producer="" if intake else headers.get("ce_source", "").rpartition("/")[2].replace("\x00", ""),
        cause=None if intake else _uuid(headers.get("ce_causationid")),
        at=datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC),
        digest=hashlib.sha256(value).digest()[:DIGEST_BYTES],
        subject=name,
        revision=revision,
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
