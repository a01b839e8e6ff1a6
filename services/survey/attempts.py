"""The end of a permit: exactly one, whatever happens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.transaction import Transaction
from contracts.events.survey import AttemptClosed
from contracts.ids import named_id
from contracts.vocabulary import AgreedAgent, Disposition, NotAttempted
from services.survey.metrics import ATTEMPTS, GIVEN_BACK
from services.survey.permits import LinkWay, Permit, scopes_over
from services.survey.store import attempts, messages, suppressions


@dataclass(frozen=True)
class Ending:
    """How a contact ended. `detail`: why, in words for operators, never personal; `ended_at` defaults to now."""

    disposition: Disposition
    not_attempted: NotAttempted | None = None
    detail: str | None = None
    agent: str | None = None
    started_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    agreed_at: datetime | None = None
    agreed_agent: AgreedAgent | None = None
    link_until: datetime | None = None
    online_consented: bool = False
    online_channel: LinkWay | None = None
    wrapup_missing: bool = False
    tune: str | None = None
    tune_pilot: str | None = None
    transferred: bool = False


def not_attempted(why: NotAttempted) -> Ending:
    return Ending(disposition=Disposition.NOT_ATTEMPTED, not_attempted=why)


async def close(tx: Transaction, permit: Permit, ending: Ending) -> bool:
    """Closes the permit and tells it. False when it already had its end: nothing is changed or told then."""
    return await close_all(tx, [(permit, ending)]) == 1


async def close_all(tx: Transaction, ends: Sequence[tuple[Permit, Ending]]) -> int:
    """How many of these permits got their end now; each of them is told once."""
    if not ends:
        return 0
    events = [_event(permit, ending, tx.now) for permit, ending in ends]
    fresh = await attempts.insert_attempts(tx.connection, events, tx.now)
    await messages.withdraw(tx.connection, [(event.callback_id, event.permit_no) for event in events])
    for event in events:
        if event.attempt_id in fresh:
            tx.emit(event)
            tx.count(ATTEMPTS.labels(event.channel, event.disposition))
            if event.not_attempted is not None:
                tx.count(GIVEN_BACK.labels(event.channel, event.not_attempted))
    return len(fresh)


async def give_back(tx: Transaction, permits: Iterable[Permit], why: NotAttempted) -> int:
    """Ends permits with which nobody was contacted."""
    return await close_all(tx, [(permit, not_attempted(why)) for permit in permits])


async def still_allowed(connection: asyncpg.Connection, permit: Permit) -> bool:
    """False when a suppression of its number or address forbids the contact. Ask right before dialling or sending."""
    held = await suppressions.suppressed(connection, permit.indexes)
    return not any(scopes & scopes_over(permit.channel) for scopes in held.values())


def _event(permit: Permit, ending: Ending, now: datetime) -> AttemptClosed:
    callback, first = permit.callback, permit.callback.parts[0]
    return AttemptClosed(
        customer_ref=callback.customer_ref,
        completion_ref=callback.completion_ref,
        attempt_id=named_id("attempt", callback.callback_id, str(permit.permit_no)),
        callback_id=callback.callback_id,
        permit_no=permit.permit_no,
        parts=callback.parts,
        channel=permit.channel,
        channel_reason=permit.channel_reason,
        purpose=first.purpose,
        round=first.round,
        disposition=ending.disposition,
        not_attempted=ending.not_attempted,
        detail=ending.detail,
        started_at=ending.started_at,
        connected_at=ending.connected_at,
        ended_at=ending.ended_at or now,
        agent=ending.agent,
        agreed_at=ending.agreed_at,
        agreed_agent=ending.agreed_agent,
        link_until=ending.link_until,
        online_consented=ending.online_consented,
        online_channel=ending.online_channel,
        wrapup_missing=ending.wrapup_missing,
        tune=ending.tune,
        tune_pilot=ending.tune_pilot,
        transferred=ending.transferred,
    )
