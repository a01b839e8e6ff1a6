"""What a supervisor sees at a glance: who is on which callback, queues by skill, overdue wrap-ups, what to decide."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.clock import business_now
from chassis.runtime import Runtime
from contracts.context import ContactData
from services.survey.leases import LeaseState
from services.survey.sheet import contact_from
from services.survey.store import supervision
from services.survey.store.supervision import Decisions, InHand, SkillQueue, WrapUps

SHOWN = 200


@dataclass(frozen=True)
class Held:
    """A callback in an agent's hand. `since`: the step it is at began then."""

    row: InHand
    contact: ContactData
    since: datetime
    overdue: bool


@dataclass(frozen=True)
class Overview:
    now: datetime
    held: tuple[Held, ...]
    queues: tuple[SkillQueue, ...]
    wrap_ups: WrapUps
    decisions: Decisions

    @property
    def overdue(self) -> tuple[Held, ...]:
        return tuple(held for held in self.held if held.overdue)


async def overview(runtime: Runtime) -> Overview:
    zone = ZoneInfo(runtime.settings.operator_zone)
    async with runtime.reading() as connection:
        now = await business_now(connection)
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = await supervision.in_hand(connection, SHOWN)
        queues = await supervision.queues(connection, now)
        wrap_ups = await supervision.wrap_ups(connection, midnight)
        decisions = await supervision.decisions(connection, midnight)
    keys = await runtime.vault.keyring(contact={row.permit.callback.customer_ref for row in rows})
    held = tuple(Held(row, contact_from(keys, row.permit), _since(row), _overdue(row, now)) for row in rows)
    return Overview(now, held, tuple(queues), wrap_ups, decisions)


def _since(row: InHand) -> datetime:
    lease = row.lease
    return lease.hung_up_at or lease.dialled_at or lease.claimed_at


def _overdue(row: InHand, now: datetime) -> bool:
    """More than ten minutes after hang-up and the record is not complete."""
    by = row.lease.record_by
    return row.lease.state is LeaseState.WRAP_UP and by is not None and now > by
