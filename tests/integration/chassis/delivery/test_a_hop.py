"""From a topic through inbox, handler, outbox and relay to a topic: all, once, in order, past every bad record."""

from aiokafka import AIOKafkaProducer

from chassis import deadletters, setaside
from chassis.host import Host
from chassis.runtime import Runtime
from chassis.testing.infra import Infra
from contracts.events.scheduler import CustomerErased
from contracts.vocabulary import CustomerRef
from tests.integration.chassis.delivery.conftest import everything, settled
from tests.integration.chassis.delivery.example import BROKEN, NOW, an_acceptance, record_of

TOPIC, TOLD = "service-accepted", "opt-out-requested"


async def _send(producer: AIOKafkaProducer, events: list[object], *, times: int = 1) -> None:
    records = [record_of(event) for event in events]  # type: ignore[arg-type]
    for key, value, headers in records * times:
        await producer.send(TOPIC, value, key=key, headers=headers)
    await producer.flush()


async def _effects(runtime: Runtime) -> list[tuple[str, str]]:
    async with runtime.reading() as connection:
        rows = await connection.fetch("SELECT customer_ref, said FROM effect ORDER BY nth")
    return [(row["customer_ref"], row["said"]) for row in rows]


async def test_everything_arrives_once_and_in_order_per_customer(
    infra: Infra, runtime: Runtime, producer: AIOKafkaProducer
) -> None:
    events = [an_acceptance(f"customer-{n % 37}", f"S{n:05}") for n in range(3000)]
    await _send(producer, events)  # type: ignore[arg-type]
    async with Host(runtime) as host:
        await settled(host)
    effects = await _effects(runtime)
    assert sorted(said for _, said in effects) == [event.service_id for event in events]
    told = await everything(infra.kafka, TOLD)
    assert len(told) == 3000
    for customer in {event.customer_ref for event in events}:
        expected = [event.service_id for event in events if event.customer_ref == customer]
        assert [said for ref, said in effects if ref == customer] == expected
        assert [one.said for one in told if one.key == customer] == expected


async def test_every_event_sent_three_times_has_one_effect(
    infra: Infra, runtime: Runtime, producer: AIOKafkaProducer
) -> None:
    events = [an_acceptance(f"customer-{n}", f"S{n}") for n in range(200)]
    await _send(producer, events, times=3)  # type: ignore[arg-type]
    async with Host(runtime) as host:
        await settled(host)
    assert len(await _effects(runtime)) == 200
    assert len(await everything(infra.kafka, TOLD)) == 200


async def test_bad_records_become_dead_letters_and_their_neighbours_go_on(
    infra: Infra, runtime: Runtime, producer: AIOKafkaProducer
) -> None:
    key, value, headers = record_of(an_acceptance("good", "S-before"))
    await producer.send(TOPIC, value, key=key, headers=headers)
    ok = record_of(an_acceptance("good", "S-x"))[2]
    bad: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]] = [
        (b"k", b"", ok),
        (b"k", b"null", record_of(an_acceptance("good", "S-1"))[2]),
        (b"k", b"not json", record_of(an_acceptance("good", "S-2"))[2]),
        (b"k", b"\xff\xfe\x00", record_of(an_acceptance("good", "S-3"))[2]),
        (b"k", b'{"x": NaN}', record_of(an_acceptance("good", "S-4"))[2]),
        (b"k", b"[" * 10_000 + b"]" * 10_000, record_of(an_acceptance("good", "S-5"))[2]),
        (b"k", b'"' + b"x" * 900_000 + b'"', record_of(an_acceptance("good", "S-6"))[2]),
        (b"other customer", record_of(an_acceptance("good", "S-7"))[1], record_of(an_acceptance("good", "S-7"))[2]),
        (b"good", record_of(an_acceptance("good", "S-8"))[1], []),
        (b"good", record_of(an_acceptance("good", "S-9"))[1], [("ce_id", b"\xff\xfe"), ("x", None)]),
        (b"k", None, record_of(an_acceptance("good", "S-10"))[2]),
    ]
    for bad_key, bad_value, bad_headers in bad:
        await producer.send(TOPIC, bad_value, key=bad_key, headers=bad_headers, partition=0)
    key, value, headers = record_of(an_acceptance("good", "S-after"))
    await producer.send(TOPIC, value, key=key, headers=headers)
    await producer.flush()
    async with Host(runtime) as host:
        await settled(host)
        assert await runtime.ready() == []
    assert [said for _, said in await _effects(runtime)] == ["S-before", "S-after"]
    async with runtime.reading() as connection:
        letters = await deadletters.letters(connection)
    assert len(letters) == len(bad)
    assert all(letter.reason and "S-" not in letter.reason and "xxx" not in letter.reason for letter in letters)
    keys = await runtime.vault.keyring(letter={letter.week for letter in letters})
    originals = {
        deadletters.restored(keys, topic=one.topic, partition=0, offset=one.offset, sealed=one.sealed_record).value  # type: ignore[union-attr]
        for one in letters
    }
    assert originals == {bad_value for _, bad_value, _ in bad}
    assert len(await everything(infra.kafka, TOPIC + ".dlq")) == len(bad)


async def test_an_unknown_version_waits_with_its_customers_later_events_and_others_go_on(
    runtime: Runtime, producer: AIOKafkaProducer
) -> None:
    def newer(headers: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        return [(name, b"aftercall.service-accepted.v2" if name == "ce_type" else value) for name, value in headers]

    key, value, headers = record_of(an_acceptance("waiting", "S1"))
    await producer.send_and_wait(TOPIC, value, key=key, headers=newer(headers))
    await _send(producer, [an_acceptance("waiting", "S2"), an_acceptance("free", "S3")])
    await producer.flush()
    async with Host(runtime) as host:
        await settled(host)
        assert await _effects(runtime) == [("free", "S3")]
        # The code that knows version 2 arrives: here, by making the stored records of the known version.
        async with runtime.reading() as connection:
            rows = await connection.fetch('SELECT event_id, reason FROM parked ORDER BY "offset"')
        assert [row["reason"] for row in rows] == ["unknown version", "behind dead letter"]
        await _learn_version_two(runtime)
        assert await setaside.unpark(runtime) == 2
        assert await setaside.unpark(runtime) == 0
    assert await _effects(runtime) == [("free", "S3"), ("waiting", "S1"), ("waiting", "S2")]


async def _learn_version_two(runtime: Runtime) -> None:
    async with runtime.reading() as connection:
        row = await connection.fetchrow("SELECT * FROM parked WHERE reason = 'unknown version'")
        keys = await runtime.vault.keyring(letter=[row["week"]])
        stored = keys.open_letter(deadletters.FIELD, row["sealed_record"])
        assert isinstance(stored, bytes)
        import base64

        old, new = (base64.b64encode(f"aftercall.service-accepted.v{n}".encode()) for n in (2, 1))
        resealed = keys.seal_letter(row["week"], deadletters.FIELD, stored.replace(old, new))
        await connection.execute("UPDATE parked SET sealed_record = $2 WHERE event_id = $1", row["event_id"], resealed)


async def test_an_unexplained_failure_sets_one_record_aside_and_replay_brings_its_queue_back(
    runtime: Runtime, producer: AIOKafkaProducer
) -> None:
    events = [an_acceptance(f"c{n}", f"S{n}") for n in range(30)]
    await _send(producer, [*events[:10], an_acceptance("c11", "S-bad", reason=BROKEN), *events[10:]])  # type: ignore[list-item]
    async with Host(runtime) as host:
        await settled(host)
        assert sorted(said for _, said in await _effects(runtime)) == sorted(
            event.service_id for event in events if event.customer_ref != "c11"
        )
        async with runtime.reading() as connection:
            (letter,) = await deadletters.letters(connection)
        assert letter.reason == "failed 3 times: ZeroDivisionError"
        (still,) = await setaside.replay(runtime, [letter.letter_id])
        assert (still.taken, still.still) == (False, letter.reason)
        import tests.integration.chassis.delivery.example as example

        mended, example.BROKEN = example.BROKEN, "nothing"
        try:
            (taken,) = await setaside.replay(runtime, [letter.letter_id])
            (again,) = await setaside.replay(runtime, [letter.letter_id])
        finally:
            example.BROKEN = mended
        assert taken.taken and not again.taken
        await setaside.unpark(runtime)
        await settled(host)
    assert [said for ref, said in await _effects(runtime) if ref == "c11"] == ["S-bad", "S11"]


async def test_an_erasure_is_never_parked(runtime: Runtime, producer: AIOKafkaProducer) -> None:
    await _send(producer, [an_acceptance("c1", "S-bad", reason=BROKEN)])
    event = CustomerErased(customer_ref=CustomerRef("c1"), erased_at=NOW)
    key, value, headers = record_of(event)
    await producer.send_and_wait("customer-erased", value, key=key, headers=headers)
    async with Host(runtime) as host:
        await settled(host)
    assert await _effects(runtime) == [("c1", "erased")]
