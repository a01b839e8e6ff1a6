"""Work that time brings: each loop of a service runs one pass after another until it is stopped."""

import asyncio
from datetime import timedelta

import structlog

from chassis import metrics
from chassis.cancellation import cancelled_only_when_asked
from chassis.errors import is_transient
from chassis.runtime import Loop, Runtime

AGAIN = timedelta(seconds=2)
"""How soon a pass that failed is tried again, whatever the loop's interval."""

log = structlog.get_logger(__name__)


class LoopRunner:
    """Runs one loop. `settled` tells that a whole pass since the last `kick` found nothing to do."""

    def __init__(self, runtime: Runtime, loop: Loop) -> None:
        self._runtime = runtime
        self.loop = loop
        self._kicked = asyncio.Event()
        self._asked = 0
        self._answered = 0
        self.failing: str | None = None

    def kick(self) -> None:
        """Run a pass now, whatever the interval says."""
        self._asked += 1
        self._kicked.set()

    @property
    def settled(self) -> bool:
        return self._answered >= self._asked

    async def run(self) -> None:
        while True:
            asked = self._asked
            self._kicked.clear()
            done = await self._pass()
            if done:
                metrics.LOOP_WORK.labels(self._runtime.name, self.loop.name).inc(done)
                continue
            self._answered = asked
            # what runs once an hour must not be called failing for an hour after a minute's fault
            await self._wait(min(self.loop.every, AGAIN) if self.failing else self.loop.every)

    async def _pass(self) -> int:
        try:
            with cancelled_only_when_asked():
                done = await self.loop.step(self._runtime)
            self.failing = None
            return done
        except Exception as error:
            # A loop must outlive its bad day; readiness names it until a pass succeeds again.
            self.failing = f"{type(error).__name__}: {error}"[:200]
            metrics.LOOP_FAILURES.labels(self._runtime.name, self.loop.name).inc()
            level = log.warning if is_transient(error) else log.exception
            level("loop failed", service=self._runtime.name, loop=self.loop.name, error=self.failing)
            await asyncio.sleep(1.0)
            return 0

    async def _wait(self, interval: timedelta) -> None:
        try:
            async with asyncio.timeout(interval.total_seconds()):
                await self._kicked.wait()
        except TimeoutError:
            return
