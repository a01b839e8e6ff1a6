"""Long work on the event loop, in turns with what else waits there."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

TURN_SECONDS = 0.005
"""So long others wait at most, but for the work on one item: shorter than what a person or a deadline notices, and long
against what a change of turns costs."""

T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The items in their order. Between two of them others have a turn, once the work has taken `TURN_SECONDS`.

    All services of a process share its event loop. Without turns each answer of the database, to whomever it belongs,
    would wait for the whole batch that is being worked on, while its transaction holds back every relay.
    """
    begun = time.monotonic()
    for item in items:
        yield item
        if time.monotonic() - begun >= TURN_SECONDS:
            await asyncio.sleep(0)
            begun = time.monotonic()
