"""A cancellation that nobody asked for is a lost connection, and is called by that name."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


def is_asked_for() -> bool:
    """True while somebody wants the task that runs now to end."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


@contextmanager
def cancelled_only_when_asked() -> Iterator[None]:
    """Drivers cancel their own futures when a server dies under them; whoever waits for one is told `CancelledError`.

    Taken for a wish to stop it would end a relay or a loop in silence. Raises `ConnectionResetError` instead, which is
    transient. A cancellation of the running task itself passes.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        if is_asked_for():
            raise
        raise ConnectionResetError("the connection died under the call") from error
