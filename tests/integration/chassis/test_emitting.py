"""Events made from a query inside the database are the records that `emit` would have written."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.scheduler import ServiceAccepted
from contracts.ids import instant_of
from tests.integration.chassis.delivery.example import EXAMPLE, NOW, an_acceptance

_QUERY = """SELECT customer AS key, correlation, payload
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given (customer, correlation, payload, nth)
    ORDER BY nth DESC"""
_OUTBOX = "SELECT event_id, topic, key, headers, payload FROM outbox ORDER BY position"


@pytest.fixture
async def example(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(EXAMPLE, infra, now=NOW) as service:
        yield service


async def test_an_event_from_a_query_is_the_record_that_emit_writes(example: ServiceUnderTest) -> None:
    event = an_acceptance('customer "一"', "S1")
    await example.step_to(NOW + timedelta(minutes=5))
    async with example.runtime.transaction() as tx:
        tx.emit(event)
        payload = event.model_dump_json(exclude_none=True)
        assert await tx.emit_from(ServiceAccepted, _QUERY, [event.key()], [event.correlation()], [payload]) == 1
    one, other = await example.query(_OUTBOX)
    assert (one["topic"], one["key"], one["payload"]) == (other["topic"], other["key"], other["payload"])
    assert one["event_id"] != other["event_id"]
    assert other["event_id"].version == 7 and other["event_id"].variant == one["event_id"].variant
    assert instant_of(other["event_id"]) == instant_of(one["event_id"])
    headers = [row["headers"].replace(str(row["event_id"]).encode(), b"id") for row in (one, other)]
    assert headers[0] == headers[1]


async def test_events_keep_the_order_of_the_query_and_come_after_what_was_emitted_before(
    example: ServiceUnderTest,
) -> None:
    names = [f"c{n}" for n in range(300)]
    async with example.runtime.transaction() as tx:
        tx.emit(an_acceptance("first", "S0"))
        await tx.emit_from(ServiceAccepted, _QUERY, names, names, ["{}"] * len(names))
        tx.emit(an_acceptance("last", "S0"))
    rows = await example.query(_OUTBOX)
    assert [row["key"] for row in rows] == ["first", *reversed(names), "last"]
    assert len({row["event_id"] for row in rows}) == len(rows)
