"""Customers in front of the form: requests come by the clock, whether or not the pages keep up."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from launcher.bench.browser import Browser, demand

THINKING = 2.0
"""Seconds from one request of a customer to the next; fewer in a short run."""
AT_ONCE = 8
HEAD_START = 0.1
_STEP = re.compile(r'name="step" value="([^"]+)"')


@dataclass(frozen=True)
class Times:
    """Seconds from the planned moment of a request until its whole answer was read."""

    median: float
    p95: float

    @classmethod
    def of(cls, measured: Sequence[float]) -> "Times":
        marks = quantiles(measured, n=20)
        return cls(marks[9], marks[18])


@dataclass
class Measured:
    shown: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)


@dataclass
class Customer:
    """Reads a question, answers it, reads the next one. `last_four`: what the telephone number ends with."""

    code: str
    last_four: str
    browser: Browser
    n: int = 1
    page: str = ""

    async def prove(self) -> None:
        answer = demand(await self.browser.post(f"/q/{self.code}", {"last_four": self.last_four}), 303)
        self.browser.cookie = answer.headers["set-cookie"].partition(";")[0]

    async def show(self) -> None:
        self.page = demand(await self.browser.get(f"/q/{self.code}/{self.n}"), 200).text

    async def take(self) -> None:
        step = _STEP.search(self.page)
        form = {"step": step[1] if step else "", "do": "next", **_said(self.page)}
        demand(await self.browser.post(f"/q/{self.code}/{self.n}", form), 303)
        self.n += 1


def customers_for(rate: float, seconds: float) -> int:
    """So many make `rate` requests a second when each thinks a while."""
    return max(1, round(rate * min(THINKING, seconds / 4)))


async def prove(customers: Sequence[Customer]) -> None:
    """Everybody says the last four digits."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(customer: Customer) -> None:
        async with turns:
            await customer.prove()

    await asyncio.gather(*[one(customer) for customer in customers])


async def measured(customers: Sequence[Customer], rate: float, seconds: float) -> Measured:
    """Each customer in turn shows and takes; the requests of all are evenly apart."""
    found, begin, apart = Measured(), time.perf_counter() + HEAD_START, len(customers) / rate
    try:
        await asyncio.gather(
            *[_answering(one, begin + place / rate, apart, begin + seconds, found)
              for place, one in enumerate(customers)]
        )  # fmt: skip
    finally:
        for one in customers:
            await one.browser.close()
    return found


async def _answering(customer: Customer, first: float, apart: float, until: float, found: Measured) -> None:
    planned, number = first, 0
    while planned < until:
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        await (customer.take() if number % 2 else customer.show())
        (found.taken if number % 2 else found.shown).append(time.perf_counter() - planned)
        planned, number = planned + apart, number + 1


def _said(page: str) -> dict[str, str]:
    if "<textarea" in page:
        return {"text": "师傅很准时，讲得也清楚"}
    return {"answer": "yes" if 'value="yes"' in page else "5"}
