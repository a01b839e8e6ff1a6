"""What takes long to make is kept and shared: made anew when what it is made of has changed.

A large one is made anew beside its readers: they get the last one, at most `OLDEST` seconds old, and wait for nothing.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

REST = 60.0
"""Seconds between two makings of a large one: a month that changes all the time must not fill a processor."""
OLDEST = 120.0

V = TypeVar("V")
Make = Callable[[V | None], Awaitable[tuple[object, V]]]
"""The held value, which may spare work, → the stamp that holds by now, and the new one."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Held(Generic[V]):
    stamp: object
    value: V
    made: float
    """When it began to be made, monotonic seconds."""


class Shelf(Generic[V]):
    """The newest `kept` values by key. One caller makes a value, the others wait for it."""

    def __init__(self, kept: int, large: Callable[[V], bool]) -> None:
        self._kept, self._large = kept, large
        self._held: OrderedDict[str, _Held[V]] = OrderedDict()
        self._making = asyncio.Lock()
        self._beside: dict[str, asyncio.Task[V]] = {}

    async def get(self, key: str, stamp: object, make: Make[V], *, current: bool) -> V:
        """The value made under this stamp; of a large one perhaps the last, unless it must be `current`."""
        held = self._held.get(key)
        if held is not None and held.stamp != stamp and not current and self._large(held.value):
            age = time.monotonic() - held.made
            if age < OLDEST:
                if age >= REST and key not in self._beside:
                    self._make_beside(key, stamp, make)
                return held.value
        return await self._newest(key, stamp, make)

    async def _newest(self, key: str, stamp: object, make: Make[V]) -> V:
        held = self._held.get(key)
        if held is None or held.stamp != stamp:
            async with self._making:
                held = self._held.get(key)
                if held is None or held.stamp != stamp:
                    begun = time.monotonic()
                    found, value = await make(held.value if held else None)
                    self._held[key] = held = _Held(found, value, begun)
        self._held.move_to_end(key)
        while len(self._held) > self._kept:
            self._held.popitem(last=False)
        return held.value

    def _make_beside(self, key: str, stamp: object, make: Make[V]) -> None:
        def done(task: asyncio.Task[V]) -> None:
            del self._beside[key]
            if not task.cancelled() and (error := task.exception()) is not None:
                # readers meet it themselves once the last one is too old
                log.warning("could not be made anew", key=key, error=type(error).__name__)

        self._beside[key] = asyncio.create_task(self._newest(key, stamp, make))
        self._beside[key].add_done_callback(done)
