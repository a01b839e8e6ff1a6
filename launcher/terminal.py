"""Runs a command's coroutine and turns what goes wrong into one sentence and exit code 1."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import uvloop

from launcher.faults import sentence_of

T = TypeVar("T")
INTERRUPTED = 130


def say(words: str) -> None:
    print(words, flush=True)


def complain(words: str) -> None:
    print(f"aftercall: {words}", file=sys.stderr, flush=True)


def finish(work: Coroutine[Any, Any, T]) -> T:
    """The result of the coroutine. SIGINT and SIGTERM cancel it, so that everything it started is stopped.

    A process that was asked to stop (SIGTERM) and did has done its work: exit code 0.
    """
    received: list[signal.Signals] = []
    try:
        return uvloop.run(_cancelled_by_signals(work, received))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit(0 if signal.SIGTERM in received else INTERRUPTED)
    except Exception as error:
        _give_up(error)


async def _cancelled_by_signals(work: Coroutine[Any, Any, T], received: list[signal.Signals]) -> T:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)

    def stop(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    return await task


def _give_up(error: Exception) -> NoReturn:
    sentence = sentence_of(error)
    if sentence is None:
        raise error
    complain(sentence)
    sys.exit(1)
