"""Sends the messages that are due: ready → sending → delivered or bounced, each step stored before the next.

A process that dies with messages in hand leaves them in `sending`; after two minutes they are sent again under the same
Message-ID or key, so a mailbox or gateway that got the first one can tell. What a gateway has taken is asked about for
an hour; without a word by then it counts as delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

from chassis import mail
from chassis.mail import Fate, Outcome
from chassis.runtime import Loop, Runtime
from chassis.transaction import Transaction
from chassis.vault import ERASED
from contracts.vocabulary import Channel, Disposition, NotAttempted
from services.survey import attempts, catalogue, texting
from services.survey.attempts import Ending
from services.survey.contact import opened_contact
from services.survey.letter import Letter, compose, text_of
from services.survey.links import LIFE, code_of, hash_of, message_id, message_key
from services.survey.permits import Permit, PermitState, may_start, next_start
from services.survey.store import links, messages, permits
from services.survey.texting import TextMessage

BATCH = 50
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))  # then it ends as bounced
ASKED_FOR = timedelta(hours=1)  # a telephone that is switched on gets its text messages within minutes
_UNSENT = (PermitState.OPEN, PermitState.SENDING)


@dataclass(frozen=True)
class InHand:
    """A message taken out; `tries` counts this one. Without words it was taken by the gateway at `accepted_at`."""

    permit: Permit
    tries: int
    words: EmailMessage | TextMessage | None
    started_at: datetime
    accepted_at: datetime | None = None

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
        in_hand, outcomes = await _hand_over(runtime, in_hand)
        async with runtime.transaction(customers={one.permit.callback.customer_ref for one in in_hand}) as tx:
            for one, outcome in zip(in_hand, outcomes, strict=True):
                await _settle(tx, one, outcome)
    return len(held)


async def _hand_over(runtime: Runtime, in_hand: Sequence[InHand]) -> tuple[list[InHand], list[Outcome]]:
    """Letters to the mail server, texts to the gateway, questions about those that it has."""
    letters = [(one, one.words) for one in in_hand if isinstance(one.words, EmailMessage)]
    texts = [(one, one.words) for one in in_hand if isinstance(one.words, TextMessage)]
    asked = [one for one in in_hand if one.words is None]
    outcomes = [
        *(await mail.send(runtime.settings, [letter for _, letter in letters]) if letters else []),
        *await texting.send(runtime.settings, [text for _, text in texts]),
        *await texting.ask(runtime.settings, [message_key(*one.key) for one in asked]),
    ]
    return [*(one for one, _ in letters), *(one for one, _ in texts), *asked], outcomes


async def _take(tx: Transaction, keys: Sequence[permits.Key]) -> list[InHand]:
    taken = []
    for permit in await permits.permits_of(tx.connection, keys):
        key = (permit.callback.callback_id, permit.permit_no)
        message = await messages.take(tx.connection, key, tx.now)
        if message is None:
            continue
        tx.took("message-delivery", [message.due_at])
        if message.accepted_at is not None:
            taken.append(InHand(permit, message.tries, None, message.accepted_at, message.accepted_at))
            continue
        ending = await _why_not(tx, permit)
        start = next_start(permit.starts, tx.now)
        if ending is not None:
            await _end(tx, permit, ending)
        elif start is not None and not may_start(permit.starts, tx.now):
            await messages.put_back(tx.connection, key, start)
        else:
            taken.append(InHand(permit, message.tries, await _words(tx, permit), tx.now))
            await permits.set_state(tx.connection, key, was=_UNSENT, state=PermitState.SENDING)
    return taken


async def _why_not(tx: Transaction, permit: Permit) -> Ending | None:
    """Why this message must not go out now or ever; None: it may, or must wait for its next start."""
    if permit.state not in _UNSENT:
        return attempts.not_attempted(NotAttempted.CANCELLED)
    if permit.channel is Channel.SMS and not tx.settings.sms_url:
        return Ending(Disposition.BOUNCED, detail="no gateway for text messages is set up")
    if not await attempts.still_allowed(tx.connection, permit):
        return attempts.not_attempted(NotAttempted.SUPPRESSED)
    if next_start(permit.starts, tx.now) is None:
        return attempts.not_attempted(NotAttempted.LATE)
    contact = await opened_contact(tx.vault, permit)
    if contact is ERASED:
        return attempts.not_attempted(NotAttempted.CANCELLED)
    if permit.channel is Channel.SMS:
        return None if contact.phone else Ending(Disposition.BOUNCED, detail="there is no phone number")
    return None if contact.email else Ending(Disposition.BOUNCED, detail="there is no e-mail address")


async def _words(tx: Transaction, permit: Permit) -> EmailMessage | TextMessage:
    """The message, and its link ready for whoever reads it at once."""
    callback, until = permit.callback, tx.now + LIFE
    code = code_of(tx.settings.secrets.link_key, callback.callback_id, permit.permit_no)
    await links.prepare(tx.connection, permit, hash_of(code), until)
    contact = await opened_contact(tx.vault, permit)
    assert contact is not ERASED, "looked at a moment ago"  # noqa: S101
    seconds = sum(catalogue.newest(part.questionnaire).seconds for part in callback.parts)
    letter = Letter(
        sender=tx.settings.smtp_from,
        address=contact.email or "",
        language=contact.language,
        purpose=callback.parts[0].purpose,
        url=f"{tx.settings.web_url.rstrip('/')}/q/{code}",
        minutes=-(-seconds // 60),
        until=until,
        zone=permit.zone,
        message_id=message_id(callback.callback_id, permit.permit_no, tx.settings.smtp_from.rpartition("@")[2]),
    )
    if permit.channel is Channel.SMS:
        return TextMessage(message_key(callback.callback_id, permit.permit_no), contact.phone or "", text_of(letter))
    return compose(letter, tx.now)


async def _settle(tx: Transaction, one: InHand, outcome: Outcome) -> None:
    if one.accepted_at is not None or outcome.fate is Fate.UNDERWAY:
        since = one.accepted_at or tx.now
        open_still = outcome.fate in (Fate.UNDERWAY, Fate.LATER)
        if open_still and tx.now - since < ASKED_FOR:
            await messages.wait_for_outcome(tx.connection, one.key, since, tx.now + _asked_next(tx.now - since))
            return
        outcome = replace(outcome, fate=Fate.ACCEPTED if open_still else outcome.fate)
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


def _asked_next(waited: timedelta) -> timedelta:
    return timedelta(minutes=1 if waited < timedelta(minutes=5) else 10)


def _next_try(one: InHand, now: datetime) -> datetime | None:
    if one.tries > len(BACK_OFF):
        return None
    return next_start(one.permit.starts, now + BACK_OFF[one.tries - 1])


async def _end(tx: Transaction, permit: Permit, ending: Ending) -> None:
    state = {Disposition.DELIVERED: "delivered", Disposition.BOUNCED: "bounced"}.get(ending.disposition, "withdrawn")
    await messages.finish(tx.connection, (permit.callback.callback_id, permit.permit_no), state, ending.detail)
    await attempts.close(tx, permit, ending)


LOOPS = (Loop("message-delivery", deliver, timedelta(seconds=1), messages.next_due),)
