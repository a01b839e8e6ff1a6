"""The standard record (客户回访信息记录表) of callbacks: everything known of each, opened and put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from chassis.runtime import Runtime
from contracts.context import ContactData, ServiceContext, ServiceNarrative
from contracts.vocabulary import Dimension, Disposition, Score
from services.survey import promises, recording
from services.survey.interview import Interview
from services.survey.leases import RECORD_WITHIN
from services.survey.links import reference_of
from services.survey.permits import Permit
from services.survey.promises import MadePromise
from services.survey.sheet import contact_from, context_from, narrative_from
from services.survey.store import handbook, interviews, records
from services.survey.store.handbook import Use
from services.survey.store.records import Contact, Period

Row = TypeVar("Row", Contact, Use)


@dataclass(frozen=True)
class Record:
    """`interview` is None where nobody was asked. After an erasure words and contact data are empty."""

    permit: Permit
    contact: ContactData
    context: ServiceContext
    narrative: ServiceNarrative
    interview: Interview | None
    opened_at: datetime | None
    contacts: tuple[Contact, ...]
    promises: tuple[MadePromise, ...]
    uses: tuple[Use, ...]
    voided: bool
    duplicate: bool = False

    @property
    def callback_id(self) -> str:
        return self.permit.callback.callback_id

    @property
    def reference(self) -> str:
        return reference_of(self.callback_id)

    @property
    def last_call(self) -> Contact | None:
        """The latest contact in which an agent spoke, else the latest of all."""
        spoken = [one for one in self.contacts if one.agent is not None]
        return next(reversed([*self.contacts[-1:], *spoken]), None)

    @property
    def disposition(self) -> Disposition | None:
        return Disposition(self.contacts[-1].disposition) if self.contacts else None

    @property
    def talked(self) -> timedelta | None:
        call = self.last_call
        return None if call is None or call.connected_at is None else call.ended_at - call.connected_at

    @property
    def wrapped_up_in(self) -> timedelta | None:
        """From hang-up to the saved record, of the latest call."""
        call = self.last_call
        return None if call is None or call.agent is None else call.closed_at - call.ended_at

    @property
    def in_time(self) -> bool | None:
        return None if self.wrapped_up_in is None else self.wrapped_up_in <= RECORD_WITHIN

    @property
    def overall(self) -> Score | None:
        answers = [] if self.interview is None else [a for form in self.interview.parts for a in form.answers.values()]
        return next((a.score for a in answers if a.dimension is Dimension.OVERALL and a.score is not None), None)

    def may_be_read_by(self, login: str) -> bool:
        """An agent who worked on it or has it in hand."""
        return (self.interview is not None and self.interview.agent == login) or self.worked_on_by(login)

    def worked_on_by(self, login: str) -> bool:
        return any(one.agent == login for one in self.contacts)


async def records_of(runtime: Runtime, callback_ids: Sequence[str]) -> list[Record]:
    """In the order asked for; callbacks that are unknown are left out."""
    async with runtime.reading() as connection:
        permits = await records.newest_permits(connection, callback_ids)
        contacts = await records.contacts(connection, callback_ids)
        asked = await recording.interviews_of(connection, runtime.vault, callback_ids)
        opened = await interviews.openings_of(connection, callback_ids)
        made = await promises.promises_of_all(connection, runtime.vault, callback_ids)
        uses = await handbook.uses_of(connection, callback_ids)
        voided = await records.voided(connection, callback_ids)
    refs = {permit.callback.customer_ref for permit in permits.values()}
    months = {permit.callback.month for permit in permits.values()}
    keys = await runtime.vault.keyring(contact=refs, text=refs, facts=months)
    tried, used = _by_callback(contacts), _by_callback(uses)
    return [
        Record(
            permit=permits[one],
            contact=contact_from(keys, permits[one]),
            context=context_from(keys, permits[one]),
            narrative=narrative_from(keys, permits[one]),
            interview=asked.get(one),
            opened_at=opened.get(one),
            contacts=tuple(tried.get(one, ())),
            promises=tuple(made.get(one, ())),
            uses=tuple(used.get(one, ())),
            voided=one in voided,
            duplicate=voided.get(one, False),
        )
        for one in callback_ids
        if one in permits
    ]


async def page(runtime: Runtime, period: Period, *, limit: int, offset: int = 0) -> tuple[int, list[Record]]:
    """How many callbacks the period has, and the records of one page, the latest contact first."""
    async with runtime.reading() as connection:
        total = await records.count(connection, period)
        ids = await records.callback_ids(connection, period, limit=limit, offset=offset)
    return total, await records_of(runtime, ids)


def _by_callback(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.callback_id, []).append(row)
    return found
