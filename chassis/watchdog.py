"""Ends a process whose receiving hangs: a client that lost its group's coordinator can wait for ever.

Readiness says so first. Whoever supervises the process starts it again; the inbox knows what it had done.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog
from aiokafka import TopicPartition

from chassis import inbox
from chassis.kafka_login import principal_of
from chassis.partition_ends import PartitionEnds
from chassis.runtime import Runtime
from contracts.topics import PARTITIONS

STALLED_EXIT = 75
"""EX_TEMPFAIL of sysexits.h: the same program may do better."""
LOOKS = 4
"""So many looks within the patience, the last of which judges."""
LOOK_SECONDS = 8.0

log = structlog.get_logger(__name__)
Place = tuple[str, int]


class Work(Protocol):
    @property
    def in_hand(self) -> bool: ...
    @property
    def settled(self) -> int: ...


class Reading(Protocol):
    @property
    def halted(self) -> str | None: ...
    @property
    def topics(self) -> Sequence[str]: ...
    @property
    def settled_here(self) -> Mapping[Place, int]: ...
    def assigned(self) -> set[Place]: ...


class Watchdog:
    """Judges only while broker and database answer; what is halted on purpose or has a batch in hand is left alone.

    Stalled: records wait (in the partitions this process has, or anywhere when it has none) and neither was a batch
    settled here nor an offset noted anywhere for `seconds`.
    """

    def __init__(
        self,
        runtime: Runtime,
        work: Work,
        reading: Reading,
        *,
        seconds: float,
        end: Callable[[str], None] | None = None,
    ) -> None:
        self._runtime = runtime
        self._work = work
        self._reading = reading
        self._seconds = seconds
        self._end = end or end_process
        self._waiting: dict[Place, int] = {}
        self._settled = -1
        self._since: float | None = None

    @property
    def stalled_for(self) -> float:
        return 0.0 if self._since is None else time.monotonic() - self._since

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / LOOKS)
            await self.look()
            if self.stalled_for >= self._seconds:
                self._end(
                    f"{self._runtime.name}: {len(self._waiting)} partitions have records to read and none was read for "
                    f"{self.stalled_for:.0f} s, though broker and database answer: this process ends, start it again."
                )

    async def look(self) -> None:
        settled, self._settled = self._settled, self._work.settled
        if self._reading.halted or self._work.in_hand or settled != self._work.settled:
            self._since, self._waiting = None, {}
            return
        before, self._waiting = self._waiting, await self._asked()
        if not before or any(self._waiting.get(place) != read for place, read in before.items()):
            self._since = None
        elif self._since is None:
            self._since = time.monotonic()

    async def _asked(self) -> dict[Place, int]:
        """Partitions with unread records, and up to where each was read; empty when database or broker is silent."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                read = await self._remembered()
                # settled here, but the broker did not take the offset: that is no record to read
                read |= {p: max(end, read.get(p, 0)) for p, end in self._reading.settled_here.items()}
                return unread(await self._ends(), read, self._reading.assigned())
        except Exception as error:
            log.info("watchdog cannot look", service=self._runtime.name, error=type(error).__name__)
            return {}

    async def _remembered(self) -> dict[Place, int]:
        async with self._runtime.reading() as connection:
            return await inbox.expected_offsets(connection)

    async def _ends(self) -> dict[Place, tuple[int, int]]:
        """First and next offset of each partition, asked by a client without a group."""
        topics, principal = self._reading.topics, principal_of(self._runtime.name)
        asked = PartitionEnds(self._runtime.settings, principal, topics, answer_seconds=int(LOOK_SECONDS))
        try:
            places = [TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS)]
            firsts, ends = await asked.firsts(places), await asked.ends(places)
            return {(place.topic, place.partition): (firsts[place], ends[place]) for place in places}
        finally:
            await asked.close()


def unread(ends: dict[Place, tuple[int, int]], read: dict[Place, int], mine: set[Place]) -> dict[Place, int]:
    """Partitions (of mine, or of all when I have none) with records after what was read, and up to where it was."""
    return {
        place: read.get(place, 0)
        for place, (first, end) in ends.items()
        if end > max(first, read.get(place, 0)) and (place in mine or not mine)
    }


def end_process(reason: str) -> None:
    """At once: a hanging client would hang the orderly way too."""
    log.critical("receiving hangs", reason=reason)
    sys.stderr.write(f"aftercall: {reason}\n")
    sys.stderr.flush()
    os._exit(STALLED_EXIT)
