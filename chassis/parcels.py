"""Records packed into batches of one partition each: a batch is acknowledged as one, which costs far less than records.

The partition of a key is that of Kafka's default partitioner, as if each record was sent alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka.partitioner import murmur2


class Outgoing(NamedTuple):
    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


class Place(NamedTuple):
    """Where a record lies."""

    topic: str
    partition: int
    offset: int

    def after(self, records: int) -> "Place":
        return self._replace(offset=self.offset + records)


@dataclass(frozen=True)
class Parcel:
    """`members`: the numbers of its records among those that were given, in their order. `batch` is the client's."""

    topic: str
    partition: int
    batch: Any
    members: list[int] = field(default_factory=list)


def parcels_of(
    records: Sequence[Outgoing], partitions: Mapping[str, Collection[int]], new_batch: Callable[[], Any]
) -> list[Parcel]:
    """In the order in which they must be sent. A record larger than a batch has one of its own."""
    numbers = {topic: sorted(known) for topic, known in partitions.items()}
    last: dict[tuple[str, int], Parcel] = {}
    parcels: list[Parcel] = []
    for nth, record in enumerate(records):
        known = numbers[record.topic]
        place = (record.topic, known[hash_of_key(record.key) % len(known)])
        parcel = last.get(place)
        if parcel is None or not _taken(parcel, record):
            parcel = last[place] = Parcel(*place, new_batch())
            parcels.append(parcel)
            _taken(parcel, record)
        parcel.members.append(nth)
    for parcel in parcels:
        parcel.batch.close()
    return parcels


@lru_cache(maxsize=16_384)  # what is told of a customer comes close together; the client's hash is pure Python
def hash_of_key(key: bytes) -> int:
    """Not negative; its remainder by the number of partitions is the place among them."""
    hashed: int = murmur2(key) & 0x7FFFFFFF
    return hashed


def _taken(parcel: Parcel, record: Outgoing) -> bool:
    """False when the batch is full; an empty one takes everything."""
    return parcel.batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers) is not None
