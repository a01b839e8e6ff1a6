"""Calls that agents place by a click: the agent's telephone rings, then the customer's, and both are bridged.

What the exchange reports is stored: who took the call when, and who ended it by which cause.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from chassis.errors import is_transient
from chassis.vault import ERASED
from contracts.ids import named_id
from services.survey import conversation, recording
from services.survey.contact import opened_contact
from services.survey.ivr.desk import Desk
from services.survey.ivr.events import Line
from services.survey.ivr.exchange import ExchangeError, NoSuchChannel
from services.survey.leases import LeaseState
from services.survey.metrics import AGENT_CALLS, EXCHANGE_FAILURES
from services.survey.store import agent_calls, leases, permits
from services.survey.store.agent_calls import AgentCall
from services.survey.store.permits import Key

log = structlog.get_logger(__name__)
EVERY_SECONDS = 0.5
STALE = timedelta(seconds=30)
"""A click that no worker saw in time rings nobody any more: the agent dials by hand meanwhile."""
HUNG_UP, REFUSED = 16, 21  # Q.850: normal clearing; rejected, here by the exchange
AGENT, CUSTOMER, NOTICE = "agent", "customer", "notice"
UNHEARD = 0
"""In the place of a cause: the notice could not be played."""


def channel_of(key: Key, who: str) -> str:
    """The same call always has the same channels, so that each telephone rings once."""
    return f"{named_id('agent-call', key[0], str(key[1]))}-to-{who}"


@dataclass(frozen=True)
class End:
    """`by`: agent, customer or exchange."""

    by: str
    cause: int


class Clicks:
    """The calls of one worker; `run` takes up what is stored and never ends, `tell` says what the exchange reports."""

    def __init__(self, desk: Desk, tasks: asyncio.TaskGroup) -> None:
        self._desk = desk
        self._tasks = tasks
        self._calls: dict[Key, Click] = {}

    def told(self, channel: str, cause: int | None) -> bool:
        """`cause` is None when the channel was answered. False: it is no channel of a call placed by a click."""
        for call in self._calls.values():
            if channel in call.channels:
                call.told.put_nowait((call.channels[channel], cause))
                return True
        return False

    def played(self, channel: str, playback: str, *, heard: bool) -> bool:
        """False: it was nothing that is played to a customer of an agent."""
        for call in self._calls.values():
            if channel in call.channels:
                if playback == channel_of(call.row.key, NOTICE):
                    call.told.put_nowait((NOTICE, None if heard else UNHEARD))
                return True
        return False

    async def run(self) -> None:
        while True:
            try:
                await self._look()
            except Exception as error:
                if not (is_transient(error) or isinstance(error, ExchangeError)):
                    raise
                log.warning("agents' calls wait", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def _look(self) -> None:
        async with self._desk.runtime.reading() as connection:
            rows = await agent_calls.open_at(connection, self._desk.settings.app)
        for row in rows:
            known = self._calls.get(row.key)
            if known is None:
                self._calls[row.key] = call = Click(self._desk, row)
                self._tasks.create_task(self._carry(call))
            elif not row.held:
                known.told.put_nowait((AGENT, HUNG_UP))  # on the page; what is told after the end is not read

    async def _carry(self, call: "Click") -> None:
        try:
            await call.run()
        except Exception as error:
            level = log.warning if is_transient(error) or isinstance(error, ExchangeError) else log.exception
            level("a call of an agent cannot go on", error=type(error).__name__)
        finally:
            self._calls.pop(call.row.key, None)


class Click:
    """One call. Both telephones are silent when `run` ends."""

    def __init__(self, desk: Desk, row: AgentCall) -> None:
        self.row = row
        self.channels = {channel_of(row.key, who): who for who in (AGENT, CUSTOMER)}
        self.told: asyncio.Queue[tuple[str, int | None]] = asyncio.Queue()
        self._desk = desk
        self._bridge = channel_of(row.key, "bridge")
        self._notice: str | None = None

    async def run(self) -> None:
        try:
            end = await self._begin() or await self._until_over()
        except ExchangeError as error:
            EXCHANGE_FAILURES.labels("agent_call").inc()
            log.warning("the exchange refused a call of an agent", error=str(error))
            end = End("exchange", REFUSED)
        await self._silence()
        await self._finish(end)

    async def _begin(self) -> End | None:
        """What a worker before this one had begun goes on; None: it lasts."""
        if self.row.taken_at is not None:
            up = await self._desk.exchange.channels()
            gone = [who for channel, who in self.channels.items() if channel not in up]
            if AGENT in gone or (CUSTOMER in gone and self.row.customer_answered_at is not None):
                return End(gone[0], HUNG_UP)
            await self._desk.exchange.unbridge(self._bridge)  # nobody is put into a bridge twice
            for channel, who in self.channels.items():
                if up.get(channel) == "Up" and (who == CUSTOMER or CUSTOMER in gone):
                    self.told.put_nowait((who, None))
            return None
        if not self.row.held:
            return End(AGENT, HUNG_UP)
        if await self._desk.runtime.now() - self.row.wanted_at > STALE:
            return End("exchange", REFUSED)
        await self._note("taken")
        await self._ring(AGENT, self.row.telephone)
        return None

    async def _until_over(self) -> End:
        while True:
            who, cause = await self.told.get()
            if who == NOTICE:
                await self._talk(is_told=cause is None)
            elif cause is not None:
                return End(who, cause)
            elif who == CUSTOMER:
                await self._customer_there()
            elif not await self._ring_customer():
                return End("exchange", REFUSED)

    async def _ring_customer(self) -> bool:
        """False when there is no number any more."""
        await self._note("agent_answered")
        async with self._desk.runtime.reading() as connection:
            permit = await permits.permit_of(connection, *self.row.key)
        contact = ERASED if permit is None else await opened_contact(self._desk.runtime.vault, permit)
        if permit is None or contact is ERASED or contact.phone is None:
            return False
        if self._desk.settings.records(permit.callback.scenario):
            self._notice = self._desk.sounds.of_house(Line.NOTICE, contact.language)
        await self._desk.exchange.ringing(channel_of(self.row.key, AGENT))
        await self._ring(CUSTOMER, self._desk.settings.endpoint.format(number=contact.phone))
        return True

    async def _customer_there(self) -> None:
        """A call that is to be recorded begins with the notice of it. A worker that goes on with one gives none."""
        await self._note("customer_answered")
        if self._notice is None:
            await self._talk(is_told=False)
            return
        customer, notice = (channel_of(self.row.key, what) for what in (CUSTOMER, NOTICE))
        try:
            await self._desk.exchange.play(customer, notice, self._notice)
        except ExchangeError as error:
            log.warning("the notice of a recording cannot be played", error=str(error))
            self.told.put_nowait((NOTICE, UNHEARD))

    async def _talk(self, *, is_told: bool) -> None:
        """`is_told`: the customer heard to its end that the call is recorded."""
        try:
            if is_told:
                customer = channel_of(self.row.key, CUSTOMER)
                await self._desk.recorder.begin(self.row.key, self.row.customer_ref, customer)
            await self._desk.exchange.quiet(channel_of(self.row.key, AGENT))
            await self._desk.exchange.bridge(self._bridge, list(self.channels))
        except NoSuchChannel as error:
            log.info("one of them hung up", error=str(error))  # which one, and why, is told by its channel's end

    async def _ring(self, who: str, endpoint: str) -> None:
        settings = self._desk.settings
        await self._desk.exchange.originate(
            channel_of(self.row.key, who), endpoint, caller=settings.caller_id, seconds=settings.ring_seconds
        )

    async def _silence(self) -> None:
        for channel in self.channels:
            try:
                await self._desk.exchange.hang_up(channel)
            except NoSuchChannel:
                continue
        await self._desk.exchange.unbridge(self._bridge)

    async def _note(self, moment: str) -> None:
        async with self._desk.runtime.transaction(customers=[self.row.customer_ref]) as tx:
            await agent_calls.note(tx.connection, self.row.key, moment, tx.now)
            if moment == "customer_answered":
                await recording.connected(tx, self.row.callback_id, tx.now)

    async def _finish(self, end: End) -> None:
        """The wrap-up begins, unless the customer's telephone never rang: then the agent dials by hand."""
        async with self._desk.runtime.transaction(customers=[self.row.customer_ref]) as tx:
            if not await agent_calls.finish(tx.connection, self.row.key, by=end.by, cause=end.cause, at=tx.now):
                return
            call = await agent_calls.call_of(tx.connection, self.row.key)
            assert call is not None, "it was ended a moment ago"  # noqa: S101
            tx.count(AGENT_CALLS.labels(_outcome(call)))
            if call.agent_answered_at is None:
                return
            lease = await leases.lease_of(tx.connection, self.row.callback_id)
            interview = await recording.interview_of(tx.connection, tx.vault, self.row.callback_id)
            if lease is None or interview is None or lease.permit_no != self.row.permit_no:
                return
            if lease.state is LeaseState.DIALLED:
                await conversation.hung_up(tx, lease, interview)


def _outcome(call: AgentCall) -> str:
    if call.customer_answered_at is not None:
        return "talked"
    return "customer_not_reached" if call.agent_answered_at is not None else "agent_not_reached"
