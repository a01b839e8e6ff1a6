"""From a permit to a call by keypad: its row is stored before anything rings."""

from dataclasses import dataclass

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED
from contracts.ids import named_id
from contracts.vocabulary import NotAttempted
from services.survey import attempts, recording
from services.survey.contact import opened_contact
from services.survey.leases import dialled_until
from services.survey.permits import Permit, PermitState, may_start
from services.survey.questionnaire import Medium
from services.survey.renderings.ivr import NotOffered, ivr_plan
from services.survey.store import permits, rating_calls
from services.survey.store.permits import Key
from services.survey.store.rating_calls import NewCall


@dataclass(frozen=True)
class Taken:
    """A permit in hand: its row is stored, nothing has rung yet."""

    key: Key
    channel_id: str
    phone: str
    language: str


@dataclass(frozen=True)
class _Customer:
    phone: str
    language: str


def channel_of(key: Key) -> str:
    """The same permit always has the same channel, so that it rings once."""
    return named_id("rating-call", key[0], str(key[1]))


async def take(runtime: Runtime, permit: Permit, *, exchange: str, channel: str | None = None) -> Taken | None:
    """Asks at this moment whether the contact may start. None: not now, or the permit got its end.

    `channel`: of a call that came in.
    """
    callback = permit.callback
    async with runtime.transaction(customers=[callback.customer_ref], contacts=permit.indexes) as tx:
        current = await permits.permit_of(tx.connection, callback.callback_id, permit.permit_no)
        if current is None or current.state is not PermitState.OPEN or not may_start(current.starts, tx.now):
            return None
        who = await _who(tx, current)
        if isinstance(who, NotAttempted):
            await attempts.give_back(tx, [current], who)
            return None
        return await _begin(tx, current, who, exchange=exchange, channel=channel)


async def _who(tx: Transaction, permit: Permit) -> _Customer | NotAttempted:
    """Who is to be called, or why nobody is."""
    if not await attempts.still_allowed(tx.connection, permit):
        return NotAttempted.SUPPRESSED
    contact = await opened_contact(tx.vault, permit)
    if contact is ERASED or contact.phone is None:
        return NotAttempted.CANCELLED
    interview = await recording.interview_of(tx.connection, tx.vault, permit.callback.callback_id)
    if interview is not None and interview.ended_at is not None:
        return NotAttempted.ALREADY_ANSWERED
    return _Customer(contact.phone, contact.language)


async def _begin(
    tx: Transaction, permit: Permit, who: _Customer, *, exchange: str, channel: str | None
) -> Taken | None:
    key = permit.callback.callback_id, permit.permit_no
    call = NewCall(
        *key, permit.callback.customer_ref, channel or channel_of(key), exchange, channel is not None,
        who.language, tx.now, dialled_until(tx.now, permit.maximum_minutes),
    )  # fmt: skip
    if not await rating_calls.insert(tx.connection, call):
        return None
    interview = await recording.begin(tx, permit, medium=Medium.IVR)
    try:
        for form in interview.parts:
            ivr_plan(form.questionnaire, who.language)
    except NotOffered:
        await rating_calls.finish(tx.connection, key, at=tx.now, cause=None, after=None)
        await attempts.give_back(tx, [permit], NotAttempted.UNCLAIMED)
        return None
    await permits.set_state(tx.connection, key, was=[PermitState.OPEN], state=PermitState.DIALLED)
    return Taken(key, call.channel_id, who.phone, who.language)
