"""What survey does when permits come, are taken back, forbidden or closed; in any order, also twice."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.errors import InvalidEvent
from chassis.runtime import Received
from chassis.transaction import Transaction
from chassis.vault import scope_of
from contracts.vocabulary import Channel, Explanation, NotAttempted, SuppressionScope, SuppressionState
from services.survey import attempts, catalogue, telling
from services.survey.permits import (
    MESSAGES,
    Permit,
    channels_under,
    next_start,
    permit_told,
    scopes_over,
    why_withdrawn,
)
from services.survey.store import (
    call_recordings,
    callbacks,
    completions,
    endings,
    feed,
    interviews,
    links,
    messages,
    permits,
    recordings,
    suppressions,
)

_LINK_DIES = frozenset({"suppressed", "withdrawn", "erased"})
_CALLBACK_DIES = frozenset({Explanation.OPTED_OUT, Explanation.WITHDRAWN, Explanation.ERASED})


async def services_accepted(tx: Transaction, batch: Sequence[Received]) -> None:
    await completions.insert(tx.connection, [received.event for received in batch])


async def callbacks_due(tx: Transaction, batch: Sequence[Received]) -> None:
    """Takes permits in. One that can no longer be used ends at once; messages get their first allowed instant."""
    for received in batch:
        _check_questionnaires(received)
    due = [received.event for received in batch]
    await permits.insert_callbacks(tx.connection, [(event, scope_of(event.context)) for event in due])
    fresh = await permits.insert_permits(tx.connection, due, tx.now)
    first_told = {(event.callback_id, event.permit_no): event for event in reversed(due)}
    taken = [permit_told(event, scope_of(event.context), tx.now) for key, event in first_told.items() if key in fresh]
    useless = await _useless(tx, taken)
    ends = [(permit, attempts.not_attempted(useless[_key(permit)])) for permit in taken if _key(permit) in useless]
    await attempts.close_all(tx, ends)
    usable = [permit for permit in taken if _key(permit) not in useless and permit.channel in MESSAGES]
    await messages.insert(tx.connection, [(permit, _first_start(permit, tx.now)) for permit in usable])


async def callbacks_cancelled(tx: Transaction, batch: Sequence[Received]) -> None:
    """Ends permits with which nobody was reached; a call or message on its way keeps its real end."""
    events = [received.event for received in batch]
    await endings.insert_withdrawals(tx.connection, events)
    reasons = {(event.callback_id, event.permit_no): event.reason for event in events}
    open_permits = await permits.stoppable(tx.connection, {event.callback_id for event in events})
    ends = [
        (permit, attempts.not_attempted(why_withdrawn(reasons[_key(permit)])))
        for permit in open_permits
        if _key(permit) in reasons
    ]
    await attempts.close_all(tx, ends)
    dead = [key for key, reason in reasons.items() if reason in _LINK_DIES]
    await links.stop_of_permits(tx.connection, [callback_id for callback_id, _ in dead], [number for _, number in dead])


async def callbacks_closed(tx: Transaction, batch: Sequence[Received]) -> None:
    """scheduler has closed the callback: what is still open ends, what was heard so far is told for the last time."""
    events = [received.event for received in batch]
    await endings.insert_ends(tx.connection, events)
    closed = sorted(event.callback_id for event in events)
    await attempts.give_back(tx, await permits.stoppable(tx.connection, closed), NotAttempted.CANCELLED)
    dead = [event.callback_id for event in events if event.explanation in _CALLBACK_DIES]
    await links.stop_of_callbacks(tx.connection, dead)
    await telling.finish(tx, closed)


async def contacts_suppressed(tx: Transaction, batch: Sequence[Received]) -> None:
    """Stops what is open at the number or address; liftings only open the door for later permits."""
    events = [received.event for received in batch]
    await suppressions.upsert(tx.connection, events)
    for scope in {event.scope for event in events if event.state is SuppressionState.SUPPRESSED}:
        told = {index for event in events if event.scope is scope for index in (event.phone_index, event.email_index)}
        await _stop(tx, sorted(index for index in told if index is not None), scope)


async def customers_erased(tx: Transaction, batch: Sequence[Received]) -> None:
    events = [received.event for received in batch]
    customers = [event.customer_ref for event in events]
    await attempts.give_back(tx, await permits.stoppable_of(tx.connection, customers), NotAttempted.CANCELLED)
    await links.stop_of_customers(tx.connection, customers)
    await feed.forget_texts(tx.connection, customers)
    await recordings.remove_of_customers(tx.connection, customers)
    await call_recordings.destroy_of_customers(tx.connection, customers)
    await suppressions.insert_erased(tx.connection, customers, [event.erased_at for event in events])


def contacts_of(_runtime: object, event: object) -> Iterable[str]:
    """Blind indexes whose suppression the handler reads or writes."""
    return [index for name in ("phone_index", "email_index") if (index := getattr(event, name)) is not None]


async def _useless(tx: Transaction, taken: Sequence[Permit]) -> dict[permits.Key, NotAttempted]:
    """Why fresh permits can not be used: taken back before they came, forbidden, answered, erased, closed, or late."""
    callback_ids = [permit.callback.callback_id for permit in taken]
    reasons = await endings.withdrawn(tx.connection, [_key(permit) for permit in taken])
    held = await suppressions.suppressed(tx.connection, sorted({index for permit in taken for index in permit.indexes}))
    erased = await suppressions.erased(tx.connection, [permit.callback.customer_ref for permit in taken])
    answered = await interviews.ended(tx.connection, callback_ids)
    closed = await endings.ended(tx.connection, callback_ids)
    answered |= await _answered_elsewhere(tx, taken)
    found: dict[permits.Key, NotAttempted] = {}
    for permit in taken:
        scopes = {scope for index in permit.indexes for scope in held.get(index, set())}
        if _key(permit) in reasons:
            found[_key(permit)] = why_withdrawn(reasons[_key(permit)])
        elif scopes & scopes_over(permit.channel):
            found[_key(permit)] = NotAttempted.SUPPRESSED
        elif permit.callback.callback_id in answered:
            found[_key(permit)] = NotAttempted.ALREADY_ANSWERED
        elif permit.callback.customer_ref in erased or permit.callback.callback_id in closed:
            found[_key(permit)] = NotAttempted.CANCELLED
        elif next_start(permit.starts, tx.now) is None:
            found[_key(permit)] = NotAttempted.LATE
    return found


async def _answered_elsewhere(tx: Transaction, taken: Sequence[Permit]) -> set[str]:
    """Callbacks all of whose parts were answered before their first permit came: by records that were imported."""
    services = {(permit.callback.source, permit.callback.service_id) for permit in taken}
    known = await callbacks.answered_by_own_records(tx.connection, services)
    return {
        callback.callback_id
        for callback in (permit.callback for permit in taken)
        if all((callback.source, callback.service_id, part.purpose, part.round) in known for part in callback.parts)
    }


async def _stop(tx: Transaction, indexes: Sequence[str], scope: SuppressionScope) -> None:
    """Only of customers whose locks are held: every other customer of the index is told of by an event of its own."""
    channels: list[Channel] = sorted(channels_under(scope))
    found = await permits.stoppable_at(tx.connection, indexes, channels)
    own = [permit for permit in found if permit.callback.customer_ref in tx.customers]
    await attempts.give_back(tx, own, NotAttempted.SUPPRESSED)
    await links.stop_at(tx.connection, indexes, channels)


def _check_questionnaires(received: Received) -> None:
    for position, part in enumerate(received.event.parts):
        try:
            catalogue.newest(part.questionnaire)
        except catalogue.UnknownQuestionnaire:
            raise InvalidEvent(
                received.event_id, f"parts.{position}.questionnaire", "names a questionnaire that does not exist"
            ) from None


def _first_start(permit: Permit, now: datetime) -> datetime:
    return next_start(permit.starts, now) or now


def _key(permit: Permit) -> permits.Key:
    return permit.callback.callback_id, permit.permit_no
