"""What a call does about a database that is away: the customer is on the line and does not wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from chassis.errors import is_transient
from services.survey.interview import Interview
from services.survey.ivr.events import CommitFailed, Recorded
from services.survey.metrics import RATINGS_NOT_STORED

COMMIT_SECONDS = 5.0
"""A customer who waits longer hears the neutral ending; what is stored then is found when the call ends."""
KEPT_SECONDS = 2.0
"""For what the call can go on without."""
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries to store the end of a call; after them time ends it."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def in_time(commit: Awaitable[Interview]) -> Recorded | CommitFailed:
    """Whatever goes wrong with the commit, the customer is told something."""
    try:
        async with asyncio.timeout(COMMIT_SECONDS):
            return Recorded(await commit)
    except Exception as error:
        level = log.warning if is_transient(error) or isinstance(error, TimeoutError) else log.exception
        level("an answer by keypad was not stored", error=type(error).__name__)
        RATINGS_NOT_STORED.inc()
        return CommitFailed()


async def kept(what: str, stored: Awaitable[T]) -> T | None:
    """None when it could not be stored: the call goes on without it."""
    try:
        async with asyncio.timeout(KEPT_SECONDS):
            return await stored
    except Exception as error:
        level = log.warning if is_transient(error) or isinstance(error, TimeoutError) else log.exception
        level("something of a call was not stored", what=what, error=type(error).__name__)
        return None


async def finished(store: Callable[[], Awaitable[None]]) -> None:
    """Tries for a while; a call whose end cannot be stored is ended by time."""
    for pause in (*PAUSES, None):
        try:
            return await store()
        except Exception as error:
            if not is_transient(error) or pause is None:
                log.exception("the end of a call was not stored: time ends it")
                return None
            await asyncio.sleep(pause)
    return None
