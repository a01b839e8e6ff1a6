"""A large batch is handled in transactions beside each other, and a customer's events stay together and in order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chassis.consumer import LANE_RECORDS, LANES, Consumer
from chassis.runtime import Received, Runtime, Subscription
from chassis.transaction import Transaction
from contracts.events.scheduler import ServiceAccepted
from contracts.topics import PARTITIONS
from tests.integration.chassis.delivery.example import EXAMPLE, an_acceptance, note, record_of

CUSTOMERS = 2 * PARTITIONS
EACH = LANES * LANE_RECORDS // CUSTOMERS + 2
UNKNOWN = "nobody knows why"


@dataclass(frozen=True)
class _Record:
    offset: int
    partition: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    topic: str = "service-accepted"
    timestamp: int = 0


def _batch() -> list[_Record]:
    """Every customer in a partition, as the broker keeps them; customer 3's second event cannot be handled."""
    found = []
    for offset in range(CUSTOMERS * EACH):
        customer, nth = offset % CUSTOMERS, offset // CUSTOMERS
        reason = UNKNOWN if (customer, nth) == (3, 1) else "drawn"
        event = an_acceptance(f"c{customer}", f"S{customer}-{nth:02}", reason=reason)
        found.append(_Record(offset, customer % PARTITIONS, *record_of(event)))
    return found


async def test_lanes_run_beside_each_other_and_each_customer_keeps_the_order(runtime: Runtime) -> None:
    at_once, together, order = 0, asyncio.Event(), []

    async def handle(tx: Transaction, received: Sequence[Received]) -> None:
        nonlocal at_once
        at_once += 1
        if at_once == LANES:
            together.set()
        try:
            if any(one.event.reason == UNKNOWN for one in received):
                raise RuntimeError(UNKNOWN)
            await asyncio.wait([asyncio.create_task(together.wait())], timeout=10)
            await note(tx, received)
            order.extend((one.customer_ref, one.event.service_id) for one in received)
        finally:
            at_once -= 1

    runtime.service = replace(EXAMPLE, subscriptions=(Subscription(ServiceAccepted, handle),))
    await Consumer(runtime).handle(_batch())

    assert together.is_set()
    by_customer: dict[str, list[str]] = {}
    for ref, service in order:
        by_customer.setdefault(str(ref), []).append(service)
    assert all(services == sorted(services) for services in by_customer.values())
    # the guilty one is a dead letter, what came after it of the same customer waits for it, all others are done
    assert by_customer.pop("c3") == ["S3-00"]
    assert {len(services) for services in by_customer.values()} == {EACH}
    async with runtime.reading() as connection:
        effects = await connection.fetchval("SELECT count(*) FROM effect")
        parked = await connection.fetchval("SELECT count(*) FROM parked")
        dead = await connection.fetchval("SELECT count(*) FROM dead_letter")
    assert (effects, parked, dead) == ((CUSTOMERS - 1) * EACH + 1, EACH - 2, 1)
