"""Tasks that work as long as their host: one that ends by itself begins again, and says so meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from chassis import metrics
from chassis.cancellation import is_asked_for

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
TOLD_SECONDS = 15.0
"""So long after an end it is still named: longer than any pause, so that one that fails again and again stays named."""

log = structlog.get_logger(__name__)


class KeptTask:
    """Runs `work` until cancelled. `work` is expected never to return."""

    def __init__(self, service: str, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._service = service
        self._work = work
        self._ended: tuple[float, str] | None = None

    @property
    def fault(self) -> str | None:
        """Why it ended a moment ago; None when it has been at work since."""
        if self._ended is None or time.monotonic() - self._ended[0] > TOLD_SECONDS:
            return None
        return f"{self.name} ended ({self._ended[1]}) and begins again"

    async def run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            begun = time.monotonic()
            try:
                await self._work()
                self._note("returned")
            except asyncio.CancelledError:
                if is_asked_for():
                    raise
                self._note("cancelled by nobody here")
            except Exception as error:
                log.exception("task ended", service=self._service, task=self.name)
                self._note(type(error).__name__)
            if time.monotonic() - begun > LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _note(self, why: str) -> None:
        log.error("task begins again", service=self._service, task=self.name, ended=why)
        metrics.RESTARTS.labels(self._service, self.name).inc()
        self._ended = (time.monotonic(), why)
