"""Places the calls of permits through a hosted provider. The row of a call is stored before it is ordered, and an order
is never repeated: a permit rings once, at most."""

import asyncio

import httpx
import structlog

from chassis.errors import is_transient
from chassis.runtime import Runtime, Task
from services.survey.ivr import beginning, ending, events
from services.survey.ivr.beginning import Taken
from services.survey.ivr.hosted import settings
from services.survey.ivr.hosted.doors import line_of
from services.survey.ivr.hosted.steps import Line
from services.survey.ivr.worker import REFUSED, REFUSED_SECONDS
from services.survey.metrics import EXCHANGE_FAILURES
from services.survey.permits import Permit
from services.survey.store import rating_calls

log = structlog.get_logger(__name__)
EVERY_SECONDS = 1.0
TIMEOUT = 10.0


class Refused(Exception):
    """The provider places no call; the sentence says why."""


async def dialling(runtime: Runtime) -> None:
    """The task of the service."""
    line = line_of(runtime)
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        while True:
            pause = EVERY_SECONDS if await placed(line, client) else REFUSED_SECONDS
            await asyncio.sleep(pause)


async def placed(line: Line, client: httpx.AsyncClient) -> bool:
    """Orders what may ring now. False when the provider refuses: its fault must not use up every permit."""
    try:
        for permit in await _waiting(line):
            if not await _ring(line, client, permit):
                return False
    except Exception as error:
        if not is_transient(error):
            raise
        log.warning("no call is placed: the database is away", error=type(error).__name__)
    return True


async def _waiting(line: Line) -> list[Permit]:
    now = await line.runtime.now()
    async with line.runtime.reading() as connection:
        up = await rating_calls.count_open_at(connection, line.settings.exchange)
        free = line.settings.calls - up
        return await rating_calls.waiting(connection, now, free) if free > 0 else []


async def _ring(line: Line, client: httpx.AsyncClient, permit: Permit) -> bool:
    taken = await beginning.take(line.runtime, permit, exchange=line.settings.exchange)
    if taken is None:
        return True
    try:
        await _order(line, client, taken)
    except Refused as error:
        EXCHANGE_FAILURES.labels("originate").inc()
        log.error("the provider places no call", error=str(error))
        await _end(line, taken)
        return False
    return True


async def _order(line: Line, client: httpx.AsyncClient, taken: Taken) -> None:
    """Raises `Refused`. An order without an answer may have been placed: its call ends by what is told, or by time."""
    channel = taken.channel_id
    order = line.provider.order(taken.phone, first=line.step(channel, 0), status=line.status(channel))
    try:
        answer = await client.post(
            order.url,
            headers=dict(order.headers),
            auth=order.login or httpx.USE_CLIENT_DEFAULT,
            data=order.form,
            json=order.json,
        )
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Refused(f"it cannot be reached ({type(error).__name__})") from error
    except httpx.HTTPError as error:
        log.warning("an order of a call has no answer", error=type(error).__name__)
        return
    if not answer.is_success:
        raise Refused(f"it answers {answer.status_code}")


async def _end(line: Line, taken: Taken) -> None:
    async with line.runtime.reading() as connection:
        call = await rating_calls.call_of(connection, taken.key)
    assert call is not None, "its row was stored"  # noqa: S101
    await ending.finish(line.runtime, call, events.Finish(connected=False, cause=REFUSED, stored=True, after=None))


TASKS = (Task("hosted-calls", dialling, wanted=settings.wanted),)
