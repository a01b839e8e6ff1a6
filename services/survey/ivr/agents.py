"""The second leg of a call: the telephone of a person."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog

from services.survey.ivr import events
from services.survey.ivr.desk import Desk
from services.survey.ivr.exchange import ExchangeError, NoSuchChannel
from services.survey.metrics import EXCHANGE_FAILURES, TRANSFER_SECONDS, TRANSFERS

log = structlog.get_logger(__name__)
_LEG = "-agent-"


def customer_of(channel: str) -> str | None:
    """The customer's channel to which an agent's belongs; None when it is no agent's."""
    customer, found, _ = channel.partition(_LEG)
    return customer if found else None


@dataclass
class AgentLeg:
    """Telephones of one skill, rung one after the other until one is taken."""

    desk: Desk
    customer: str
    channel: str | None = None
    talking: bool = False
    _rest: Iterator[tuple[int, str]] = field(default_factory=lambda: iter(()))
    _since: float = 0.0

    async def ring(self, skill: str) -> events.AgentFailed | None:
        """None: a telephone rings."""
        self._since = time.monotonic()
        if not self.desk.people_work(await self.desk.runtime.now()):
            return self._failed("closed")
        telephones = self.desk.settings.telephones(skill)
        if not telephones:
            return self._failed("no_telephone")
        self._rest = iter(enumerate(telephones))
        try:
            await self.desk.exchange.ringing(self.customer)
        except ExchangeError as error:
            log.warning("a customer hears no ringing", error=str(error))
        return await self._next()

    async def answered(self, channel: str) -> events.AgentAnswered | None:
        if channel != self.channel or self.talking:
            return None
        self.talking = True
        TRANSFERS.labels("answered").inc()
        TRANSFER_SECONDS.observe(time.monotonic() - self._since)
        return events.AgentAnswered()

    async def gone(self, channel: str) -> events.AgentLeft | events.AgentFailed | None:
        """The next telephone rings when this one was not taken."""
        if channel != self.channel:
            return None
        self.channel = None
        if self.talking:
            return events.AgentLeft()
        return await self._next()

    async def bridge(self) -> None:
        """Raises `ExchangeError`."""
        assert self.channel is not None, "an agent answered"  # noqa: S101
        await self.desk.exchange.quiet(self.customer)
        await self.desk.exchange.bridge(self._bridge, [self.customer, self.channel])

    async def stop(self) -> None:
        """Nobody rings and nobody talks any more."""
        channel, self.channel, self._rest = self.channel, None, iter(())
        if channel is not None:
            try:
                await self.desk.exchange.hang_up(channel)
            except NoSuchChannel:
                return

    async def clear(self) -> None:
        if self.talking:
            await self.desk.exchange.unbridge(self._bridge)

    async def _next(self) -> events.AgentFailed | None:
        for number, telephone in self._rest:
            self.channel = f"{self.customer}{_LEG}{number}"
            settings = self.desk.settings
            seconds = max(1, round(settings.transfer_seconds))
            try:
                await self.desk.exchange.originate(self.channel, telephone, caller=settings.caller_id, seconds=seconds)
            except ExchangeError as error:
                EXCHANGE_FAILURES.labels("transfer").inc()
                log.warning("an agent's telephone cannot be rung", error=str(error))
                continue
            return None
        self.channel = None
        try:
            await self.desk.exchange.quiet(self.customer)
        except ExchangeError as error:
            log.warning("a customer may hear the ringing on", error=str(error))
        return self._failed("nobody_free")

    @property
    def _bridge(self) -> str:
        return f"{self.customer}-bridge"

    def _failed(self, why: str) -> events.AgentFailed:
        TRANSFERS.labels(why).inc()
        return events.AgentFailed()
