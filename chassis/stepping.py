"""Moves the business clock from one due time to the next, but only when nothing else is under way."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis import clock
from chassis.host import Host

IDLE_LIMIT_SECONDS = 60.0
STRIDE = timedelta(hours=1)


class NotIdle(Exception):
    """The pipeline did not come to rest; the message names what is stuck."""


class Stepper:
    """Drives hosts that share one process and a stepped clock."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self._hosts = hosts

    async def idle(self) -> None:
        """Wait until no event, no loop and no batch is under way. Raises `NotIdle` after 60 s."""
        limit = time.monotonic() + IDLE_LIMIT_SECONDS
        for host in self._hosts:
            host.kick()
        quiet_at: int | None = None
        while True:
            stuck = [what for host in self._hosts for what in await host.busy()]
            commits = sum(host.runtime.commits for host in self._hosts)
            if not stuck and quiet_at == commits:
                return
            if not stuck:
                # Quiet, but what was committed meanwhile may have made work for a loop: ask once more.
                quiet_at = commits
                for host in self._hosts:
                    host.kick()
            if time.monotonic() > limit:
                raise NotIdle("; ".join(stuck) or "work without an end")
            await asyncio.sleep(0.002)

    async def next_due(self) -> datetime | None:
        """The earliest business instant at which some loop will have work."""
        dues: list[datetime] = []
        for host in self._hosts:
            async with host.runtime.reading() as connection:
                for runner in host.loops:
                    due = await runner.loop.next_due(connection) if runner.loop.next_due else None
                    if due is not None:
                        dues.append(due)
        return min(dues, default=None)

    async def now(self) -> datetime:
        return await self._hosts[0].runtime.now()

    async def step(self, *, until: datetime) -> datetime:
        """One step when idle: to the next due time, at most an hour on, never beyond `until`; returns the instant."""
        await self.idle()
        now = await self.now()
        target = min(now + STRIDE, until)
        due = await self.next_due()
        if due is not None and now < due < target:
            target = due
        async with self._hosts[0].runtime.reading() as connection:
            return await clock.step_to(connection, target)
