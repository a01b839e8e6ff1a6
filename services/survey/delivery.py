"""Sends the messages that are due: ready → sending → delivered or bounced, each step stored before the next.

A process that dies with messages in hand leaves them in `sending`; after two minutes they are sent again under the same
Message-ID, so a mailbox that got the first one can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from chassis import mail
from chassis.mail import Fate, Outcome
from chassis.runtime import Loop, Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED
from contracts.vocabulary import Channel, Disposition, NotAttempted
from services.survey import attempts, catalogue
from services.survey.attempts import Ending
from services.survey.contact import opened_contact
from services.survey.letter import Letter, compose
from services.survey.links import LIFE, code_of, hash_of, message_id
from services.survey.permits import Permit, PermitState, may_start, next_start
from services.survey.store import links, messages, permits

BATCH = 50
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))  # then it ends as bounced
_UNSENT = (PermitState.OPEN, PermitState.SENDING)


@dataclass(frozen=True)
class InHand:
    """A message taken out to be sent; `tries` counts this one."""

    permit: Permit
    tries: int
    letter: EmailMessage
    started_at: datetime

    @property
    def key(self) -> permits.Key:
        return self.permit.callback.callback_id, self.permit.permit_no


async def deliver(runtime: Runtime) -> int:
    """One pass over due messages; returns how many were looked at."""
    now = await runtime.now()
    async with runtime.reading() as connection:
        due = await messages.waiting(connection, now, BATCH)
    if not due:
        return 0
    async with runtime.transaction(customers={ref for _, ref in due}, skip_locked=True) as tx:
        held = [key for key, ref in due if ref in tx.customers]
        in_hand = await _take(tx, held)
    if in_hand:
        outcomes = await mail.send(runtime.settings, [one.letter for one in in_hand])
        async with runtime.transaction(customers={one.permit.callback.customer_ref for one in in_hand}) as tx:
            for one, outcome in zip(in_hand, outcomes, strict=True):
                await _settle(tx, one, outcome)
    return len(held)


async def _take(tx: Transaction, keys: Sequence[permits.Key]) -> list[InHand]:
    taken = []
    for permit in await permits.permits_of(tx.connection, keys):
        key = (permit.callback.callback_id, permit.permit_no)
        message = await messages.take(tx.connection, key, tx.now)
        if message is None:
            continue
        tx.took("message-delivery", [message.due_at])
        ending = await _why_not(tx, permit)
        start = next_start(permit.starts, tx.now)
        if ending is not None:
            await _end(tx, permit, ending)
        elif start is not None and not may_start(permit.starts, tx.now):
            await messages.put_back(tx.connection, key, start)
        else:
            taken.append(InHand(permit, message.tries, await _letter(tx, permit), tx.now))
            await permits.set_state(tx.connection, key, was=_UNSENT, state=PermitState.SENDING)
    return taken


async def _why_not(tx: Transaction, permit: Permit) -> Ending | None:
    """Why this message must not go out now or ever; None: it may, or must wait for its next start."""
    if permit.state not in _UNSENT:
        return attempts.not_attempted(NotAttempted.CANCELLED)
    if permit.channel is not Channel.EMAIL:
        return Ending(Disposition.BOUNCED, detail="no gateway for text messages is set up")
    if not await attempts.still_allowed(tx.connection, permit):
        return attempts.not_attempted(NotAttempted.SUPPRESSED)
    if next_start(permit.starts, tx.now) is None:
        return attempts.not_attempted(NotAttempted.LATE)
    contact = await opened_contact(tx.vault, permit)
    if contact is ERASED:
        return attempts.not_attempted(NotAttempted.CANCELLED)
    return None if contact.email else Ending(Disposition.BOUNCED, detail="there is no e-mail address")


async def _letter(tx: Transaction, permit: Permit) -> EmailMessage:
    """The message, and its link ready for whoever reads it at once."""
    callback, until = permit.callback, tx.now + LIFE
    code = code_of(tx.settings.secrets.link_key, callback.callback_id, permit.permit_no)
    await links.prepare(tx.connection, permit, hash_of(code), until)
    contact = await opened_contact(tx.vault, permit)
    assert contact is not ERASED and contact.email, "looked at a moment ago"  # noqa: S101
    seconds = sum(catalogue.newest(part.questionnaire).seconds for part in callback.parts)
    letter = Letter(
        sender=tx.settings.smtp_from,
        address=contact.email,
        language=contact.language,
        purpose=callback.parts[0].purpose,
        url=f"{tx.settings.web_url.rstrip('/')}/q/{code}",
        minutes=-(-seconds // 60),
        until=until,
        zone=permit.zone,
        message_id=message_id(callback.callback_id, permit.permit_no, tx.settings.smtp_from.rpartition("@")[2]),
    )
    return compose(letter, tx.now)


async def _settle(tx: Transaction, one: InHand, outcome: Outcome) -> None:
    if outcome.fate is Fate.ACCEPTED:
        until = tx.now + LIFE
        code = code_of(tx.settings.secrets.link_key, one.permit.callback.callback_id, one.permit.permit_no)
        await links.prepare(tx.connection, one.permit, hash_of(code), until)
        await _end(tx, one.permit, Ending(Disposition.DELIVERED, started_at=one.started_at, link_until=until))
        return
    again = _next_try(one, tx.now) if outcome.fate is Fate.LATER else None
    if again is None:
        await links.stop_of_permits(tx.connection, [one.key[0]], [one.key[1]])
        await _end(tx, one.permit, Ending(Disposition.BOUNCED, started_at=one.started_at, detail=outcome.why))
        return
    await messages.put_back(tx.connection, one.key, again, outcome.why)
    await permits.set_state(tx.connection, one.key, was=(PermitState.SENDING,), state=PermitState.OPEN)


def _next_try(one: InHand, now: datetime) -> datetime | None:
    if one.tries > len(BACK_OFF):
        return None
    return next_start(one.permit.starts, now + BACK_OFF[one.tries - 1])


async def _end(tx: Transaction, permit: Permit, ending: Ending) -> None:
    state = {Disposition.DELIVERED: "delivered", Disposition.BOUNCED: "bounced"}.get(ending.disposition, "withdrawn")
    await messages.finish(tx.connection, (permit.callback.callback_id, permit.permit_no), state, ending.detail)
    await attempts.close(tx, permit, ending)


LOOPS = (Loop("message-delivery", deliver, timedelta(seconds=1), messages.next_due),)
