"""Receiving: batches of raw records become effects exactly once, or letters, or parked records.

One transaction per batch. A batch that fails is split until the guilty record is alone; a record that fails for
reasons nobody knows is tried a few times, then set aside, and later events of its topic and customer wait for it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from typing import TypeVar
from uuid import UUID

import asyncpg
import structlog

from chassis import deadletters, inbox, metrics
from chassis.errors import InvalidEvent, is_transient
from chassis.inhand import InHand
from chassis.records import UNKNOWN_VERSION, Fault, Inbound, RawRecord, by_topic, judge, once
from chassis.runtime import Received, Runtime
from chassis.transaction import Transaction
from chassis.turns import in_turns
from contracts.ids import instant_of
from contracts.topics import TOPICS

TRIES = 3
"""A record that fails this often for unknown reasons is set aside."""
DEATHS = 3
"""A batch begun this often without an end is handled record by record: one of them may end the process."""
FUSE = 500
"""So many dead letters in a row mean that something else is wrong than the records."""
INBOX_MEMORY = timedelta(days=90)
BEHIND = "behind dead letter"
OUTCOMES = ("done", "repeated", "dead", "parked")

log = structlog.get_logger(__name__)
T = TypeVar("T")
Claim = Callable[[asyncpg.Connection, Sequence[Inbound]], Awaitable[set[UUID]]]


class Halted(Exception):
    """This service stops receiving until a person has looked; the message says at what."""


class Consumer:
    """Handles batches one after another; not for use by two tasks at once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._dead_in_a_row = 0
        self.noted = InHand(runtime)
        self.in_hand = False
        self.settled = 0  # records since the start
        for subscription, outcome in product(runtime.service.subscriptions, OUTCOMES):
            metrics.EVENTS.labels(runtime.name, subscription.model.topic, outcome)  # an increase is seen from 0 only

    async def handle(self, records: Sequence[RawRecord]) -> None:
        """Returns when every record of the batch is settled in the database. Raises `Halted` when the fuse blows.

        May be called again with records it has settled: they have no second effect.
        """
        self.in_hand = True
        begun = time.monotonic()
        try:
            inbound = [judge(record) async for record in in_turns(records)]
            deaths = await self._patiently(lambda: self.noted.begin(records))
            if deaths >= DEATHS:
                for one in inbound:
                    await self._alone(one)
            else:
                await self._settle(inbound, inbox.claim)
            await self._patiently(lambda: self.noted.end(records))
            self.settled += len(records)
        finally:
            self.in_hand = False
        metrics.BATCHES.labels(self._runtime.name).observe(time.monotonic() - begun)
        if self._dead_in_a_row >= FUSE:
            name = self._runtime.name
            raise Halted(f"{self._dead_in_a_row} dead letters in a row: look at the producer, then restart {name}")

    async def replay(self, inbound: Sequence[Inbound], outcome: str) -> None:
        """Handle records set aside before; each takes effect once, however often it is replayed."""

        async def reclaim(connection: asyncpg.Connection, some: Sequence[Inbound]) -> set[UUID]:
            return await inbox.reclaim(connection, [i.event_id for i in some], outcome)

        await self._settle(list(inbound), reclaim, replaying=True)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it when the database is back: nothing is fetched meanwhile, and nothing is given up."""
        wait = 0.05
        while True:
            try:
                return await work()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("waiting for the database", service=self._runtime.name, error=type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)

    async def _settle(self, inbound: list[Inbound], claim: Claim, *, replaying: bool = False) -> None:
        while inbound:
            try:
                await self._patiently(partial(self._apply, inbound, claim, replaying=replaying))
                return
            except Exception as error:
                inbound = await self._after_failure(inbound, error, claim, replaying=replaying)

    async def _after_failure(
        self, inbound: list[Inbound], error: Exception, claim: Claim, *, replaying: bool
    ) -> list[Inbound]:
        """What to try next, now that the transaction of `inbound` is gone."""
        if isinstance(error, InvalidEvent) and any(i.event_id == error.event_id for i in inbound):
            fault = Fault(error.rule, error.field)
            return [i.failed(fault) if i.event_id == error.event_id else i for i in inbound]
        log.warning("batch failed", service=self._runtime.name, records=len(inbound), error=repr(error)[:300])
        if len(inbound) > 1:
            middle = len(inbound) // 2
            await self._settle(inbound[:middle], claim, replaying=replaying)
            return inbound[middle:]
        return [await self._judge_failure(inbound[0], error)]

    async def _alone(self, one: Inbound) -> None:
        """For a batch that may have ended the process: count before trying."""
        tries = await self._patiently(lambda: self._count(one, "the process ended while handling it"))
        if tries > TRIES:
            one = one.failed(Fault("the process ended each time it was handled", blocks=True))
        await self._settle([one], inbox.claim)

    async def _judge_failure(self, one: Inbound, error: Exception) -> Inbound:
        tries = await self._patiently(lambda: self._count(one, type(error).__name__))
        if tries < TRIES:
            await asyncio.sleep(0.05 * tries)
            return one
        return one.failed(Fault(f"failed {tries} times: {type(error).__name__}", blocks=not one.topic.intake))

    async def _count(self, one: Inbound, error: str) -> int:
        async with self._runtime.reading() as connection:
            return await inbox.count_try(connection, one.event_id, error)

    async def _apply(self, inbound: list[Inbound], claim: Claim, *, replaying: bool) -> None:
        """One transaction: claim, set aside what cannot be handled, handle the rest by topic in data order."""
        received = await self._received(inbound)
        contacts = self._contacts(received)
        customers = {i.key or (received[i.event_id].customer_ref if i.event_id in received else None) for i in inbound}
        week = deadletters.week_of(datetime.now(UTC))
        async with self._runtime.transaction(customers=[c for c in customers if c], contacts=contacts) as tx:
            claimed = await claim(tx.connection, inbound)
            fresh = [i for i in once(inbound) if i.event_id in claimed]
            sorted_out = await self._sort_out(tx, fresh, replaying=replaying)
            await self._set_aside(tx, sorted_out, week)
            await self._dispatch(tx, sorted_out.handled, received)
            if replaying:
                settled = [i.event_id for i in sorted_out.handled]
                await deadletters.replayed(tx.connection, settled)
                await deadletters.unpark(tx.connection, settled)
        taken = {id(one) for one in fresh}
        self._count_outcomes([one for one in inbound if id(one) not in taken], sorted_out)

    async def _received(self, inbound: Sequence[Inbound]) -> dict[UUID, Received]:
        """Events with their customers. References are made outside the transaction: locks need them."""
        found: dict[UUID, Received] = {}
        for topic, mine in by_topic([i for i in inbound if i.event is not None]).items():
            subscription = self._runtime.service.subscription(topic)
            if subscription is None:
                continue
            refs: Sequence[str | None] = [None] * len(mine)
            if subscription.resolve:
                refs = await subscription.resolve(self._runtime, [i.event for i in mine])
            for i, ref in zip(mine, refs, strict=True):
                found[i.event_id] = Received(i.event, i.event_id, i.time, ref or i.key or None)
        return found

    def _contacts(self, received: dict[UUID, Received]) -> set[str]:
        contacts: set[str] = set()
        for one in received.values():
            subscription = self._runtime.service.subscription(one.event.topic)
            if subscription and subscription.contacts:
                contacts.update(subscription.contacts(self._runtime, one.event))
        return contacts

    async def _sort_out(self, tx: Transaction, fresh: Sequence[Inbound], *, replaying: bool) -> "_SortedOut":
        blocked = set() if replaying else await inbox.blocked(tx.connection, fresh)
        oldest = {True: datetime.now(UTC) - INBOX_MEMORY, False: tx.now - INBOX_MEMORY}
        result = _SortedOut()
        for one in fresh:
            place = (one.topic.name, one.key)
            if one.fault is None and not replaying and _older(one, oldest[one.topic.intake]):
                one = one.failed(Fault("too old: its id is outside what the inbox remembers"))
            if one.fault is not None and not one.fault.parks:
                result.dead.append(one)
                if one.fault.blocks and not one.topic.opt_out:
                    blocked.add(place)
            elif place in blocked and not one.topic.opt_out:
                result.parked.append((one, BEHIND))
            elif one.fault is not None:
                result.parked.append((one, UNKNOWN_VERSION))
                blocked.add(place)
            else:
                result.handled.append(one)
        return result

    async def _set_aside(self, tx: Transaction, sorted_out: "_SortedOut", week: str) -> None:
        if not sorted_out.dead and not sorted_out.parked:
            return
        keys = await tx.vault.keyring(letter=[week])
        await deadletters.bury(tx, sorted_out.dead, keys, week)
        await deadletters.park(tx, sorted_out.parked, keys, week)
        await inbox.settle(tx.connection, [i.event_id for i in sorted_out.dead], "dead")
        await inbox.settle(tx.connection, [i.event_id for i, _ in sorted_out.parked], "parked")

    async def _dispatch(self, tx: Transaction, handled: Sequence[Inbound], received: dict[UUID, Received]) -> None:
        batches = by_topic(handled)
        for topic in TOPICS:
            batch = [received[i.event_id] for i in batches.get(topic.name, ()) if i.event_id in received]
            subscription = self._runtime.service.subscription(topic.name)
            if batch and subscription:
                await subscription.handle(tx, batch)

    def _count_outcomes(self, repeated: Sequence[Inbound], sorted_out: "_SortedOut") -> None:
        parked = [one for one, _ in sorted_out.parked]
        outcomes = {"repeated": repeated, "done": sorted_out.handled, "dead": sorted_out.dead, "parked": parked}
        for outcome, records in outcomes.items():
            for topic, count in Counter(one.topic.name for one in records).items():
                metrics.EVENTS.labels(self._runtime.name, topic, outcome).inc(count)
        self._dead_in_a_row = 0 if sorted_out.handled else self._dead_in_a_row + len(sorted_out.dead)


class _SortedOut:
    def __init__(self) -> None:
        self.handled: list[Inbound] = []
        self.dead: list[Inbound] = []
        self.parked: list[tuple[Inbound, str]] = []


def _older(one: Inbound, than: datetime) -> bool:
    return instant_of(one.event_id) < than.timestamp() * 1000
