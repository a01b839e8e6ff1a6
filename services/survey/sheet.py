"""Everything an agent needs of one callback, read at once and opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.runtime import Runtime
from chassis.vault import ERASED, Keyring, scope_of
from contracts.context import ContactData, ServiceContext, ServiceNarrative
from contracts.events.tagging import CustomerMark
from services.survey import catalogue, promises, recording
from services.survey.interview import Interview, PartForm
from services.survey.leases import Agent, Lease, Refusal, Refused
from services.survey.permits import Permit
from services.survey.profiles import marks_from, named
from services.survey.promises import MadePromise
from services.survey.questionnaire import Medium
from services.survey.store import attempts, customer_tags, handbook, interviews, leases, permits, queue
from services.survey.store.handbook import Use


@dataclass(frozen=True)
class Contacted:
    """An earlier contact with the customer."""

    disposition: str
    channel: str
    ended_at: datetime
    agent: str | None


@dataclass(frozen=True)
class Sheet:
    """`interview` is None until the first contact was made; then `forms` are empty questionnaires.

    `opened_at`: when the opening had been read in this call; `uses`: what was used of the handbook.
    """

    permit: Permit
    lease: Lease | None
    interview: Interview | None
    forms: tuple[PartForm, ...]
    contact: ContactData
    context: ServiceContext
    narrative: ServiceNarrative
    progress: Mapping[str, str]
    promises: tuple[MadePromise, ...]
    last_contacts: tuple[Contacted, ...]
    tries: int
    marks: tuple[CustomerMark, ...] = ()
    opened_at: datetime | None = None
    uses: tuple[Use, ...] = ()

    @property
    def customer_marks(self) -> list[tuple[str, str]]:
        """(tag, why) of the customer, in the request's language."""
        return [named(mark) for mark in self.marks]

    def demand_held_by(self, agent: Agent) -> None:
        """Raises `Refused` when it is in no hand or in another's."""
        if self.lease is None:
            raise Refused(Refusal.GONE)
        self.lease.demand_agent(agent)

    @property
    def window_ends(self) -> datetime:
        return min([self.permit.deadline, max(interval.ends for interval in self.permit.starts)])


async def sheet_of(runtime: Runtime, callback_id: str) -> Sheet:
    """Raises `Refused` when the callback is unknown or has no telephone permit any more."""
    async with runtime.reading() as connection:
        lease = await leases.lease_of(connection, callback_id)
        permit = await _permit(connection, callback_id, lease)
        interview = await recording.interview_of(connection, runtime.vault, callback_id)
        made = await promises.promises_of(connection, runtime.vault, callback_id)
        contacts = await attempts.last_attempts(connection, permit.callback.customer_ref)
        tries = await queue.tries(connection, callback_id)
        tags = await customer_tags.of_customer(connection, permit.callback.customer_ref)
        opened = await interviews.openings_of(connection, [callback_id])
        uses = await handbook.uses_of(connection, [callback_id])
    ref = permit.callback.customer_ref
    months = {permit.callback.month, *([scope_of(tags)] if tags else [])}
    keys = await runtime.vault.keyring(contact=[ref], text=[ref], facts=months)
    return Sheet(
        permit=permit,
        lease=lease,
        interview=interview,
        forms=interview.parts if interview is not None else _blank(permit),
        contact=contact_from(keys, permit),
        context=context_from(keys, permit),
        narrative=narrative_from(keys, permit),
        progress=_progress(keys, permit),
        promises=tuple(made),
        last_contacts=tuple(Contacted(**dict(row)) for row in contacts),
        tries=tries,
        marks=marks_from(keys, ref, tags),
        opened_at=opened.get(callback_id),
        uses=tuple(uses),
    )


def contact_from(keys: Keyring, permit: Permit) -> ContactData:
    """Empty after an erasure."""
    opened = None if permit.contact is None else keys.open(permit.callback.customer_ref, "contact", permit.contact)
    return ContactData() if opened is None or opened is ERASED else ContactData.model_validate(opened)


def context_from(keys: Keyring, permit: Permit) -> ServiceContext:
    opened = keys.open(permit.callback.customer_ref, "context", permit.callback.context)
    if opened is ERASED:
        return ServiceContext(completed_at=permit.received_at)
    return ServiceContext.model_validate(opened)


async def _permit(connection: asyncpg.Connection, callback_id: str, lease: Lease | None) -> Permit:
    if lease is not None:
        permit = await permits.permit_of(connection, callback_id, lease.permit_no)
    else:
        permit = await queue.claimable(connection, callback_id)
    if permit is None:
        known = await queue.customer_of(connection, callback_id)
        raise Refused(Refusal.UNKNOWN if known is None else Refusal.GONE)
    return permit


def _blank(permit: Permit) -> tuple[PartForm, ...]:
    return tuple(
        PartForm(part=part, questionnaire=catalogue.newest(part.questionnaire), medium=Medium.AGENT)
        for part in permit.callback.parts
    )


def narrative_from(keys: Keyring, permit: Permit) -> ServiceNarrative:
    sealed = permit.callback.narrative
    opened = None if sealed is None else keys.open(permit.callback.customer_ref, "narrative", sealed)
    return ServiceNarrative() if opened is None or opened is ERASED else ServiceNarrative.model_validate(opened)


def _progress(keys: Keyring, permit: Permit) -> dict[str, str]:
    """What is to be told the customer, by part id."""
    ref = permit.callback.customer_ref
    opened = {
        part.part_id: keys.open(ref, "progress", part.text) for part in permit.callback.parts if part.text is not None
    }
    return {part_id: str(text) for part_id, text in opened.items() if text is not ERASED}
