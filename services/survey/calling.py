"""From the queue to the dialled call: claim, keep alive, give back, dial.

Every function is one transaction under the customer's lock and raises `Refused` when the step is not possible now.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED
from contracts.vocabulary import NotAttempted
from services.survey import attempts, recording
from services.survey.contact import opened_contact
from services.survey.ivr.settings import extension_of
from services.survey.leases import (
    SENIOR,
    Agent,
    Lease,
    LeaseState,
    Refusal,
    Refused,
    claimed_until,
    dialled_until,
    reserved_until,
)
from services.survey.permits import Permit, PermitState, may_start, next_start
from services.survey.questionnaire import Medium
from services.survey.store import agent_calls, leases, permits, queue


@dataclass(frozen=True)
class Call:
    """What the agent has in hand while the transaction lasts."""

    tx: Transaction
    lease: Lease
    permit: Permit


@dataclass(frozen=True)
class Dialled:
    """`placed`: by the exchange; otherwise the agent dials."""

    lease: Lease
    phone: str
    placed: bool


async def claim(runtime: Runtime, agent: Agent, callback_id: str) -> Lease:
    """Two agents never hold one callback, one agent never holds two. Claiming one's own again gives its lease."""
    async with runtime.transaction(customers=[await _customer(runtime, callback_id)]) as tx:
        permit = await queue.claimable(tx.connection, callback_id)
        if permit is None:
            raise Refused(Refusal.GONE)
        held = await leases.lease_of(tx.connection, callback_id)
        if held is not None and held.agent == agent.login:
            return held
        if held is not None:
            raise Refused(Refusal.TAKEN, holder=held.agent_name)
        _demand_claimable(permit, agent, tx.now)
        await leases.drop_dead(tx.connection, agent.login)
        due_at = claimed_until(tx.now, tx.now)
        if not await leases.insert(tx.connection, permit, agent, now=tx.now, due_at=due_at):
            raise Refused(Refusal.BUSY)
        if not await permits.set_state(tx.connection, _key(permit), was=[PermitState.OPEN], state=PermitState.CLAIMED):
            raise Refused(Refusal.TAKEN)
        claimed = await leases.lease_of(tx.connection, callback_id)
    if claimed is None:
        raise Refused(Refusal.GONE)
    return claimed


async def release(runtime: Runtime, agent: Agent, callback_id: str) -> None:
    """Back to the queue; not possible once dialled."""
    async with held_call(runtime, agent, callback_id) as call:
        call.lease.demand(LeaseState.CLAIMED)
        await give_back(call.tx, call.lease)


async def heartbeat(runtime: Runtime, agent: Agent, callback_id: str) -> Lease:
    """A sign of life: before dialling the lease goes on, within its 5 minutes; later it needs none."""
    async with held_call(runtime, agent, callback_id) as call:
        if call.lease.state is not LeaseState.CLAIMED:
            return call.lease
        due_at = claimed_until(call.lease.claimed_at, call.tx.now)
        await leases.renew(call.tx.connection, call.lease, due_at)
    return replace(call.lease, due_at=due_at)


async def dial(runtime: Runtime, agent: Agent, callback_id: str) -> Dialled:
    """Asks at this moment whether the call may start. A number that is forbidden now ends the permit.

    Where the agent has an extension at an exchange, that one places the call: its worker finds what is stored here.
    """
    async with runtime.reading() as connection:
        permit = await queue.claimable(connection, callback_id)
    indexes = () if permit is None else permit.indexes
    dialled: Dialled | None = None
    async with held_call(runtime, agent, callback_id, contacts=indexes) as call:
        call.lease.demand(LeaseState.CLAIMED)
        if not may_start(call.permit.starts, call.tx.now):
            raise Refused(Refusal.NOT_NOW, until=next_start(call.permit.starts, call.tx.now))
        if await attempts.still_allowed(call.tx.connection, call.permit):
            dialled = await _start(call, agent)
        else:
            await attempts.give_back(call.tx, [call.permit], NotAttempted.SUPPRESSED)
            await leases.delete(call.tx.connection, call.lease)
    if dialled is None:
        raise Refused(Refusal.SUPPRESSED)
    return dialled


async def give_back(tx: Transaction, lease: Lease) -> None:
    """The lease ends before anything was dialled."""
    await leases.delete(tx.connection, lease)
    await permits.set_state(
        tx.connection, (lease.callback_id, lease.permit_no), was=[PermitState.CLAIMED], state=PermitState.OPEN
    )


@asynccontextmanager
async def held_call(
    runtime: Runtime, agent: Agent, callback_id: str, *, contacts: Iterable[str] = (), customers: Iterable[str] = ()
) -> AsyncIterator[Call]:
    """A transaction on the callback that this agent holds; `customers` and `contacts` are locked besides."""
    ref = await _customer(runtime, callback_id)
    async with runtime.transaction(customers={ref, *customers}, contacts=contacts) as tx:
        lease = await leases.lease_of(tx.connection, callback_id)
        if lease is None:
            raise Refused(Refusal.GONE)
        lease.demand_agent(agent)
        if lease.state is LeaseState.CLAIMED and lease.due_at <= tx.now:
            raise Refused(Refusal.GONE)
        permit = await permits.permit_of(tx.connection, callback_id, lease.permit_no)
        if permit is None:
            raise Refused(Refusal.GONE)
        yield Call(tx, lease, permit)


async def _start(call: Call, agent: Agent) -> Dialled:
    contact = await opened_contact(call.tx.vault, call.permit)
    if contact is ERASED or contact.phone is None:
        raise Refused(Refusal.GONE)
    due_at = dialled_until(call.tx.now, call.permit.maximum_minutes)
    await permits.set_state(call.tx.connection, _key(call.permit), was=[PermitState.CLAIMED], state=PermitState.DIALLED)
    await leases.set_dialled(call.tx.connection, call.lease, now=call.tx.now, due_at=due_at)
    await recording.begin(call.tx, call.permit, medium=Medium.AGENT, agent=agent.login)
    extension = extension_of(agent.login)
    if extension is not None:
        await agent_calls.insert(
            call.tx.connection, _key(call.permit), customer_ref=call.lease.customer_ref, at=call.tx.now,
            exchange=extension.exchange, telephone=extension.telephone,
        )  # fmt: skip
    lease = replace(call.lease, state=LeaseState.DIALLED, dialled_at=call.tx.now, due_at=due_at)
    return Dialled(lease, contact.phone, placed=extension is not None)


async def _customer(runtime: Runtime, callback_id: str) -> str:
    async with runtime.reading() as connection:
        ref = await queue.customer_of(connection, callback_id)
    if ref is None:
        raise Refused(Refusal.UNKNOWN)
    return ref


def _demand_claimable(permit: Permit, agent: Agent, now: datetime) -> None:
    if permit.skill not in agent.takes:
        raise Refused(Refusal.SKILL, holder=SENIOR if permit.skill == SENIOR else permit.skill)
    if not may_start(permit.starts, now):
        raise Refused(Refusal.NOT_NOW, until=next_start(permit.starts, now))
    if permit.reserved_agent not in (None, agent.login):
        begins = max(permit.received_at, min(interval.begins for interval in permit.starts))
        free = reserved_until(begins, max(interval.ends for interval in permit.starts))
        if now < free:
            raise Refused(Refusal.RESERVED, until=free)


def _key(permit: Permit) -> permits.Key:
    return permit.callback.callback_id, permit.permit_no
