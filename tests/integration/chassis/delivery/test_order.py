"""Pages and consumers write the same customers at once: what is told of a customer keeps the order of what was done."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import pytest

from chassis import consumer, inbox, locks
from chassis.host import Host
from chassis.runtime import Runtime
from chassis.testing.infra import Infra
from contracts.events.survey import OptOutRequested
from contracts.vocabulary import BlindIndex, Channel, CustomerRef, SuppressionScope
from tests.integration.chassis.delivery.conftest import Told, everything, settled
from tests.integration.chassis.delivery.example import an_acceptance, record_of

CUSTOMERS = 4
WRITES = 60
WRITERS = 8


@pytest.fixture
async def counters(runtime: Runtime) -> None:
    """A row per customer that counts what was done: its number is the order of effects."""
    async with runtime.reading() as connection:
        for n in range(CUSTOMERS):
            await connection.execute(
                "INSERT INTO effect (event_id, customer_ref, said) VALUES (gen_random_uuid(), $1, '0')", f"c{n}"
            )


async def _write(runtime: Runtime, rng: random.Random) -> None:
    """What a page does: something slow, a row of the customer, an event that tells its new number."""
    ref = f"c{rng.randrange(CUSTOMERS)}"
    async with runtime.transaction(customers=[ref]) as tx:
        # a write that is not about the customer's row: it gives the transaction its id early
        await tx.connection.execute(
            "INSERT INTO effect (event_id, customer_ref, said) VALUES ($1, 'other', '')", uuid4()
        )
        await asyncio.sleep(rng.random() * 0.01)
        number = await tx.connection.fetchval(
            "UPDATE effect SET said = (said::int + 1)::text WHERE customer_ref = $1 RETURNING said", ref
        )
        tx.emit(
            OptOutRequested(
                customer_ref=CustomerRef(ref),
                phone_index=BlindIndex(f"{int(number):06}"),
                scope=SuppressionScope.ALL,
                channel=Channel.PHONE,
                requested_at=tx.now,
            )
        )


async def _storm(infra: Infra, runtime: Runtime) -> list[Told]:
    async def writer(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(WRITES):
            await _write(runtime, rng)

    async with Host(runtime) as host:
        await asyncio.gather(*(writer(seed) for seed in range(WRITERS)))
        await settled(host)
    told = await everything(infra.kafka, "opt-out-requested")
    # sent twice is allowed: the receiver knows the id, so only the first sight of each event counts
    return list({one.event_id: one for one in reversed(told)}.values())[::-1]


def _out_of_order(told: list[Told]) -> int:
    last: dict[str, str] = {}
    wrong = 0
    for one in told:
        wrong += one.said <= last.get(one.key, "")
        last[one.key] = one.said
    return wrong


async def test_events_of_a_customer_keep_the_order_of_their_effects(
    infra: Infra, runtime: Runtime, counters: None
) -> None:
    told = await _storm(infra, runtime)
    assert len(told) == WRITES * WRITERS
    assert _out_of_order(told) == 0


async def test_without_locks_first_the_same_storm_is_out_of_order(
    infra: Infra, runtime: Runtime, counters: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defect planted: row locks alone. It proves that the test above can fail."""

    async def nothing(*_: Any, **__: Any) -> None:
        return None

    monkeypatch.setattr(locks, "take", nothing)
    told = await _storm(infra, runtime)
    assert len(told) == WRITES * WRITERS
    assert _out_of_order(told) > 0


async def test_with_the_inbox_switched_off_a_repeat_has_a_second_effect(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defect planted: every id counts as fresh. It proves that the tests of repeats can fail."""

    async def everything_is_fresh(_: Any, inbound: Any) -> set[Any]:
        return {one.event_id for one in inbound}

    monkeypatch.setattr(inbox, "claim", everything_is_fresh)
    record = _Record(*record_of(an_acceptance("c1", "S1")))
    for _ in range(2):
        await consumer.Consumer(runtime).handle([record])
    async with runtime.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM effect WHERE said = 'S1'") == 2


class _Record:
    topic, partition, offset, timestamp = "service-accepted", 0, 1, 1_760_000_000_000

    def __init__(self, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        self.key, self.value, self.headers = key, value, headers
