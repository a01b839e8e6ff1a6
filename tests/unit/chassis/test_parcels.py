"""Records packed for the broker: each in its key's partition, in their order, none left out."""

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from chassis.parcels import Outgoing, Parcel, parcels_of

PARTITIONS = list(range(12))
BATCH_BYTES = 16 * 1024


def an_outgoing(key: str, *, topic: str = "told", size: int = 500) -> Outgoing:
    return Outgoing(topic, key.encode(), b"x" * size, [("ce_id", b"1")])


def packed(records: list[Outgoing]) -> list[Parcel]:
    partitions = dict.fromkeys({record.topic for record in records}, PARTITIONS)
    return parcels_of(records, partitions, lambda: BatchBuilder(BATCH_BYTES, 0))


def test_every_key_goes_where_the_default_partitioner_puts_it() -> None:
    records = [an_outgoing(f"customer-{n}") for n in range(200)]
    chosen = DefaultPartitioner()
    for parcel in packed(records):
        for member in parcel.members:
            assert parcel.partition == chosen(records[member].key, PARTITIONS, PARTITIONS)


def test_every_record_is_packed_once_and_each_partition_keeps_its_order() -> None:
    records = [an_outgoing(f"customer-{n % 23}", topic=f"topic-{n % 2}") for n in range(1000)]
    parcels = packed(records)
    assert sorted(member for parcel in parcels for member in parcel.members) == list(range(1000))
    for place in {(parcel.topic, parcel.partition) for parcel in parcels}:
        members = [m for p in parcels if (p.topic, p.partition) == place for m in p.members]
        assert members == sorted(members)


def test_batches_hold_what_was_packed_and_no_more_than_their_size() -> None:
    parcels = packed([an_outgoing("one customer") for _ in range(100)])
    assert len(parcels) > 1
    for parcel in parcels:
        assert parcel.batch.record_count() == len(parcel.members)
        assert parcel.batch.closed()
        assert parcel.batch.size() <= BATCH_BYTES


def test_a_record_larger_than_a_batch_has_one_of_its_own() -> None:
    before, large, after = packed([an_outgoing("c"), an_outgoing("c", size=2 * BATCH_BYTES), an_outgoing("c")])
    assert [before.members, large.members, after.members] == [[0], [1], [2]]
    assert large.batch.record_count() == 1
