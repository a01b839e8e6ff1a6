"""The driver: people act, the product comes to rest, the clock moves on to the next thing that is due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chassis.stepping import Stepper
from launcher.demo.people import People

_ROUNDS = 500


class Endless(Exception):
    """People and product kept each other busy at one instant of the business clock."""


@dataclass
class Month:
    stepper: Stepper
    people: People
    told: Callable[[datetime], None]
    """Called when an instant begins, before anything happens in it."""
    steps: int = 0

    async def play(self, until: datetime) -> None:
        """Time goes on to `until`; at each instant everything due is done before the next one comes."""
        while True:
            now = await self.stepper.now()
            self.told(now)
            await self._settle(now)
            if now >= until:
                return
            due = self.people.next_due()
            target = until if due is None or due <= now else min(until, due)
            await self.stepper.step(until=target)
            self.steps += 1

    async def _settle(self, now: datetime) -> None:
        for _ in range(_ROUNDS):
            await self.stepper.idle()
            if not await self.people.act(now):
                return
        raise Endless(f"at {now:%Y-%m-%d %H:%M} there was always something more to do")
