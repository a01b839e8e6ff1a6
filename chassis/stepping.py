"""Moves the business clock from one due time to the next, but only when nothing else is under way."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chassis import clock
from chassis.host import Host
from chassis.loops import LoopRunner
from contracts.topics import read_by

IDLE_LIMIT_SECONDS = 60.0
STRIDE = timedelta(hours=1)


class NotIdle(Exception):
    """The pipeline did not come to rest; the message names what is stuck."""


@dataclass
class _Dues:
    """When each loop of a host has work next, as of a number of commits: without a commit only the clock changes it."""

    commits: int = -1
    at: dict[str, datetime | None] = field(default_factory=dict)
    kicked: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """Commits and instant of a loop's last pass: the same pass a second time would find nothing again."""


class Stepper:
    """Drives hosts that share one process and a stepped clock.

    Others may write to Kafka too: the broker is asked for their records each time, or, where a driver tells by
    `written` what it has sent, only every `look_outside` (machine clock).
    """

    def __init__(
        self, hosts: Sequence[Host], *, stride: timedelta = STRIDE, look_outside: timedelta = timedelta(0)
    ) -> None:
        self._hosts = hosts
        self._stride = stride
        self._look_outside = look_outside.total_seconds()
        self._dues = {host.runtime.name: _Dues() for host in hosts}
        self._verified: dict[str, int] = {}
        self._asked_outside = 0.0
        self._outside: dict[tuple[str, int], int] = {}

    def written(self, topic: str, partition: int, offset: int) -> None:
        """A client outside the hosts has had this record acknowledged: the hosts are not idle before it is settled."""
        place = (topic, partition)
        self._outside[place] = max(self._outside.get(place, 0), offset + 1)

    async def idle(self) -> None:
        """Wait until no event, no loop and no batch is under way. Raises `NotIdle` after 60 s."""
        limit = time.monotonic() + IDLE_LIMIT_SECONDS
        while True:
            stuck = self._astir() or await self._hidden()
            if not stuck and not await self._kick():
                return
            if time.monotonic() > limit:
                raise NotIdle("; ".join(stuck) or "work without an end")
            await asyncio.sleep(0.002)

    async def next_due(self) -> datetime | None:
        """The earliest business instant after now at which some loop will have work."""
        now = await self.now()
        for host in self._hosts:
            await self._refresh(host, now)
        dues = [due for known in self._dues.values() for due in known.at.values() if due is not None and due > now]
        return min(dues, default=None)

    async def now(self) -> datetime:
        return await self._hosts[0].runtime.now()

    async def step(self, *, until: datetime) -> datetime:
        """One step when idle: to the next due time, at most a stride on, never beyond `until`; returns the instant."""
        await self.idle()
        now = await self.now()
        target = min(now + self._stride, until)
        due = await self.next_due()
        if due is not None and now < due < target:
            target = due
        async with self._hosts[0].runtime.reading() as connection:
            return await clock.step_to(connection, target)

    def _astir(self) -> list[str]:
        """The first host that is seen to be at work; asked often, so it looks no further."""
        written = dict(self._outside)
        for host in self._hosts:
            for place, end in (host.relay.written if host.relay else {}).items():
                written[place] = max(written.get(place, 0), end)
        return next((found for host in self._hosts if (found := host.astir(written))), [])

    async def _hidden(self) -> list[str]:
        """What only database and broker can tell; the database is asked again only after a commit."""
        found: list[str] = []
        for host in self._hosts:
            commits = host.runtime.commits
            if self._has_committed(host):
                rows = await host.hidden()
                found += rows
                if not rows:
                    self._verified[host.runtime.name] = commits
        if not found and time.monotonic() - self._asked_outside >= self._look_outside:
            found = await self._unread()
            # What the broker no longer calls unread may have become a row of an outbox after that was looked at.
            found = found or [f"{h.runtime.name}: a commit meanwhile" for h in self._hosts if self._has_committed(h)]
            if not found:
                self._asked_outside = time.monotonic()
        return found

    def _has_committed(self, host: Host) -> bool:
        return self._verified.get(host.runtime.name) != host.runtime.commits

    async def _unread(self) -> list[str]:
        """Records of others on the topics that no host writes."""
        here = {host.runtime.name for host in self._hosts}
        found = []
        for host in self._hosts:
            foreign = {topic.name for topic in read_by(host.runtime.name) if not here.issuperset(topic.producers)}
            if lag := await host.subscriber.lag(foreign):
                found.append(f"{host.runtime.name}: {lag} records unread")
        return found

    async def _kick(self) -> bool:
        """Runs the loops that are due, once for each state of their database. True when there was one."""
        now, kicked = await self.now(), False
        for host in self._hosts:
            await self._refresh(host, now)
            known = self._dues[host.runtime.name]
            for runner in host.loops:
                due, state = known.at.get(runner.loop.name), (host.runtime.commits, now)
                if due is not None and due <= now and known.kicked.get(runner.loop.name) != state:
                    known.kicked[runner.loop.name] = state
                    runner.kick()
                    kicked = True
        return kicked

    async def _refresh(self, host: Host, now: datetime) -> None:
        """Asks when the loops are due, where a commit or the clock may have changed it."""
        known, commits = self._dues[host.runtime.name], host.runtime.commits
        stale = [runner for runner in host.loops if self._is_stale(known, runner, commits, now)]
        if not stale:
            return
        async with host.runtime.reading() as connection:
            for runner in stale:
                if runner.loop.next_due is not None:
                    known.at[runner.loop.name] = await runner.loop.next_due(connection)
        known.commits = commits

    @staticmethod
    def _is_stale(known: _Dues, runner: LoopRunner, commits: int, now: datetime) -> bool:
        due = known.at.get(runner.loop.name)
        return known.commits != commits or (due is not None and due <= now)
