"""A record that ends the process that handles it: its successors find it, set it aside and go on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import pytest

from chassis import deadletters
from chassis.consumer import DEATHS, TRIES, Consumer
from chassis.records import RawRecord
from chassis.runtime import Received, Runtime, Service, Subscription
from chassis.transaction import Transaction
from contracts.events.scheduler import ServiceAccepted
from tests.integration.chassis.delivery.example import EXAMPLE, an_acceptance, note, record_of

TOPIC = "service-accepted"
DEADLY = "ends the process"
MOST = 2 * (DEATHS + TRIES)


class Ended(BaseException):
    """What nobody catches: the process is no more."""


@dataclass(frozen=True)
class _Record:
    offset: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    topic: str = TOPIC
    partition: int = 0
    timestamp: int = 0


def records(*reasons: str, first: int = 0) -> list[RawRecord]:
    """One for each reason, from this offset on."""
    events = [an_acceptance(f"c{nth}", f"S{nth}", reason=reason) for nth, reason in enumerate(reasons, first)]
    return [_Record(nth, *record_of(event)) for nth, event in enumerate(events, first)]


@pytest.fixture
def deadly(runtime: Runtime) -> Runtime:
    async def handle(tx: Transaction, batch: Sequence[Received]) -> None:
        if any(one.event.reason == DEADLY for one in batch):
            end()
        await note(tx, batch)

    def end() -> NoReturn:
        raise Ended

    runtime.service = replace(EXAMPLE, subscriptions=(Subscription(ServiceAccepted, handle),))
    assert isinstance(runtime.service, Service)
    return runtime


async def processes_until_done(runtime: Runtime, batch: Sequence[RawRecord]) -> int:
    """How many processes, one after another, ended over this batch."""
    for ended in range(MOST):
        try:
            await Consumer(runtime).handle(batch)
        except Ended:
            continue
        return ended
    raise AssertionError("it ends one process after another")


async def _said(runtime: Runtime) -> list[str]:
    async with runtime.reading() as connection:
        return [row["said"] for row in await connection.fetch("SELECT said FROM effect ORDER BY said")]


async def test_the_record_becomes_a_dead_letter_and_its_neighbours_have_their_effect(deadly: Runtime) -> None:
    ended = await processes_until_done(deadly, records("drawn", DEADLY, "drawn"))
    assert ended == DEATHS - 1 + TRIES
    assert await _said(deadly) == ["S0", "S2"]
    async with deadly.reading() as connection:
        (letter,) = await deadletters.letters(connection)
    assert letter.reason == "the process ended each time it was handled"


async def test_it_is_found_though_its_first_reader_had_read_the_partition_for_long(deadly: Runtime) -> None:
    first, second = records("drawn", "drawn"), records("drawn", DEADLY, "drawn", first=2)
    consumer = Consumer(deadly)
    await consumer.handle(first)
    consumer.noted.passed({(TOPIC, 0)})
    with pytest.raises(Ended):
        await consumer.handle(second)
    assert await processes_until_done(deadly, second) == DEATHS - 1 + TRIES
    assert await _said(deadly) == ["S0", "S1", "S2", "S4"]


async def test_what_others_read_meanwhile_is_noted_again(deadly: Runtime) -> None:
    consumer = Consumer(deadly)
    consumer.noted.passed({(TOPIC, 0)})
    assert await consumer.noted.begin(records("drawn")) == 0
    consumer.noted.given_away({(TOPIC, 0)})
    assert await consumer.noted.begin(records("drawn")) == 1
    assert await consumer.noted.begin(records("drawn")) == 2
    await consumer.noted.end(records("drawn"))
    assert await consumer.noted.begin(records("drawn")) == 1
