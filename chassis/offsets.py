"""What the broker was told of offsets, remembered beside the inbox: should it forget them, that is no fresh start."""

import asyncio
from collections.abc import Mapping

import structlog

from chassis import inbox
from chassis.errors import is_transient
from chassis.inbox import Place
from chassis.runtime import Runtime

PAUSE_SECONDS = 1.0
"""All batches of so long are noted together. What was noted is never more than what was committed."""

log = structlog.get_logger(__name__)


class OffsetNotes:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._unwritten: dict[Place, int] = {}
        self._waiting = asyncio.Event()

    def add(self, offsets: Mapping[Place, int]) -> None:
        self._unwritten.update(offsets)
        self._waiting.set()

    async def run(self) -> None:
        """Until cancelled; what is left then wants a last `write`."""
        while True:
            await self._waiting.wait()
            await asyncio.sleep(PAUSE_SECONDS)
            await self.write()

    async def write(self) -> None:
        """A database that is away only puts it off."""
        self._waiting.clear()
        if not (offsets := dict(self._unwritten)):
            return
        try:
            async with self._runtime.reading() as connection:
                await inbox.note_committed(connection, offsets)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("offsets not noted", service=self._runtime.name, error=repr(error)[:200])
            self._waiting.set()
            return
        self._unwritten = {p: offset for p, offset in self._unwritten.items() if offsets.get(p) != offset}
