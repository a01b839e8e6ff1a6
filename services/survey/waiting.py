"""The queue as one agent sees it: opened, counted, and what is in their own hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.clock import business_now
from chassis.runtime import Runtime
from contracts.context import ContactData, ServiceContext
from contracts.vocabulary import Priority
from services.survey.address import form_of_address
from services.survey.agent_models import LeaseOut, QueueOut, QueueRowOut
from services.survey.leases import Agent, Lease
from services.survey.permits import Permit
from services.survey.sheet import contact_from, context_from
from services.survey.store import leases, queue
from services.survey.store.queue import OwnFigures


@dataclass(frozen=True)
class Waiting:
    """One row; `claimable` by the agent who looks."""

    permit: Permit
    contact: ContactData
    context: ServiceContext
    window_ends: datetime
    attempt: int
    held_by: str | None
    mine: bool
    reserved: bool

    @property
    def claimable(self) -> bool:
        return self.held_by is None


@dataclass(frozen=True)
class Listed:
    now: datetime
    rows: tuple[Waiting, ...]
    counts: Mapping[Priority, int]
    next_start: datetime | None
    held: Lease | None
    own: OwnFigures


async def listed(
    runtime: Runtime,
    agent: Agent,
    *,
    limit: int,
    offset: int = 0,
    priority: Priority | None = None,
    skill: str | None = None,
) -> Listed:
    zone = ZoneInfo(runtime.settings.operator_zone)
    async with runtime.reading() as connection:
        now = await business_now(connection)
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        found = await queue.rows(connection, agent, now, priority=priority, skill=skill, limit=limit, offset=offset)
        counts = await queue.waiting(connection, agent, now)
        upcoming = await queue.next_start(connection, agent, now)
        held = await leases.held_by(connection, agent.login)
        own = await queue.own_figures(connection, agent, since=midnight)
    callbacks = [row.permit.callback for row in found]
    keys = await runtime.vault.keyring(
        contact={callback.customer_ref for callback in callbacks}, facts={callback.month for callback in callbacks}
    )
    rows = tuple(
        Waiting(
            permit=row.permit,
            contact=contact_from(keys, row.permit),
            context=context_from(keys, row.permit),
            window_ends=row.window_ends,
            attempt=row.tries + 1,
            held_by=row.holder,
            mine=row.holder_login == agent.login,
            reserved=row.permit.reserved_agent == agent.login,
        )
        for row in found
    )
    return Listed(now=now, rows=rows, counts=counts, next_start=upcoming, held=held, own=own)


def queue_out(listed: Listed, language: str) -> QueueOut:
    return QueueOut(
        now=listed.now,
        waiting=sum(listed.counts.values()),
        next_start=listed.next_start,
        held=None if listed.held is None else LeaseOut.model_validate(listed.held),
        rows=[_row(row, language) for row in listed.rows],
    )


def _row(row: Waiting, language: str) -> QueueRowOut:
    permit = row.permit
    return QueueRowOut(
        callback_id=permit.callback.callback_id,
        permit_no=permit.permit_no,
        priority=permit.priority,
        address=form_of_address(row.contact.name, language),
        level=row.context.level,
        scenario=permit.callback.scenario,
        purposes=[part.purpose for part in permit.callback.parts],
        product=row.context.product,
        window_ends=row.window_ends,
        attempt=row.attempt,
        attempt_limit=permit.attempt_limit,
        skill=permit.skill,
        reserved=row.reserved,
        claimable=row.claimable,
        held_by=row.held_by,
    )
