"""How long an analyst waits for the overview: requests come by the clock, whether or not the page keeps up."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx

from chassis.access.accounts import create_account
from chassis.access.roles import Role
from launcher.bench.form_load import Times
from launcher.bench.pages import served
from launcher.bench.reporting.found import Looks
from launcher.bench.reporting.months import InventedMonth
from launcher.bench.reporting.told import tell
from launcher.bench.servers import Bed
from launcher.bench.stage import BenchError

PATIENCE = 120.0
_FILTERED = 4  # every fourth asks for a part of the answers
_CHANNELS = ("phone", "sms", "email")


async def looks(
    bed: Bed, month: InventedMonth, fresh: Iterator[int], *, stored: int, rate: float, seconds: float, arriving: float
) -> Looks:
    """`fresh`: numbers of customers that answer meanwhile."""
    async with _analyst(bed) as client:
        begun = time.perf_counter()
        await _look(client, month.period, 0)
        first = time.perf_counter() - begun
        for number in range(_FILTERED * 2):
            await _look(client, month.period, number)
        quiet = await _asked(client, month.period, rate, seconds)
        answering = asyncio.create_task(_answer(bed, month, fresh, arriving))
        try:
            busy = await _asked(client, month.period, rate, seconds)
        finally:
            answering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await answering
    return Looks(stored, rate, first, quiet, busy, arriving)


@asynccontextmanager
async def _analyst(bed: Bed) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in at a process that runs reporting alone."""
    login, password = "bench-analyst", uuid4().hex
    await create_account(bed.owner, login=login, name=login, role=Role.ANALYST, password=password)
    async with (
        served(bed, "-m", "launcher", "run", "reporting", "--port", "0") as web,
        httpx.AsyncClient(base_url=web.base, headers={"Origin": web.base}, timeout=PATIENCE) as client,
    ):
        answer = await client.post("/login", data={"login": login, "password": password})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise BenchError(f"the analyst could not sign in: {answer.status_code}")
        yield client


async def _asked(client: httpx.AsyncClient, period: str, rate: float, seconds: float) -> Times:
    begun, found = time.perf_counter() + 0.1, list[float]()

    async def one(number: int) -> None:
        planned = begun + number / rate
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        await _look(client, period, number)
        found.append(time.perf_counter() - planned)

    await asyncio.gather(*[one(number) for number in range(int(rate * seconds))])
    return Times.of(found)


async def _look(client: httpx.AsyncClient, period: str, number: int) -> None:
    query = {"period": period}
    if number % _FILTERED == 0:
        query["channel"] = _CHANNELS[number // _FILTERED % len(_CHANNELS)]
    answer = await client.get("/reporting/overview", params=query)
    if answer.status_code != httpx.codes.OK:
        raise BenchError(f"the overview answered {answer.status_code}")


async def _answer(bed: Bed, month: InventedMonth, fresh: Iterator[int], rate: float) -> None:
    """Late answers of the month, one after another, until it is cancelled."""
    for number in fresh:
        await tell(bed, month.events(range(number, number + 1)))
        await asyncio.sleep(1 / rate)
