"""Wishes not to be contacted (or to be contacted again): heard here, told to all customers of the number by a timer."""

from collections.abc import Callable, Sequence
from datetime import datetime

from chassis.runtime import Received, Runtime
from chassis.transaction import Transaction
from contracts.events.intake import ContactPreferenceChanged, Preference
from contracts.events.survey import OptOutRequested
from contracts.vocabulary import SuppressionScope, SuppressionState
from services.scheduler import intake
from services.scheduler.configured import configured_rules
from services.scheduler.contact import (
    customer_subject,
    email_subject,
    normalised_email,
    normalised_phone,
    phone_subject,
    zone_of,
)
from services.scheduler.store import contacts

_STATE = {Preference.OUT: SuppressionState.SUPPRESSED, Preference.IN: SuppressionState.LIFTED}
_Index = Callable[[str], str]
Wish = tuple[str, str, str, datetime]


def contacts_of_preference(runtime: Runtime, event: ContactPreferenceChanged) -> list[str]:
    """The subjects to lock, so that no permit is released between the wish and its record."""
    return _document_subjects(runtime.vault.phone_index, runtime.vault.email_index, event)


def contacts_of_opt_out(_: Runtime, event: OptOutRequested) -> list[str]:
    return _opt_out_subjects(event)


async def preferences_changed(tx: Transaction, received: Sequence[Received]) -> None:
    """A preference holds for the customer, and for every number and address that it names or that was seen of them."""
    seen = await contacts.subjects_of(tx.connection, [one.customer_ref for one in received if one.customer_ref])
    wishes: list[Wish] = []
    for one in received:
        event: ContactPreferenceChanged = one.event
        named = _document_subjects(tx.vault.phone_index, tx.vault.email_index, event)
        own = [customer_subject(one.customer_ref)] if one.customer_ref else []
        everything = {*named, *own, *seen.get(one.customer_ref or "", ())}
        at = intake.bounded(event.changed_at)
        wishes += [
            (subject, event.scope, _STATE[event.state], at)
            for subject in sorted(everything)
            if _concerns(subject, event.scope)
        ]
    await contacts.hear(tx.connection, wishes, tx.now)


async def opt_outs_requested(tx: Transaction, received: Sequence[Received]) -> None:
    wishes: list[Wish] = []
    for one in received:
        event: OptOutRequested = one.event
        for subject in _opt_out_subjects(event) or [customer_subject(event.customer_ref)]:
            wishes.append((subject, event.scope, SuppressionState.SUPPRESSED, event.requested_at))
    await contacts.hear(tx.connection, wishes, tx.now)


def _opt_out_subjects(event: OptOutRequested) -> list[str]:
    found = (phone_subject(event.phone_index), email_subject(event.email_index))
    return [subject for subject in found if subject]


def _document_subjects(phone_index: _Index, email_index: _Index, event: ContactPreferenceChanged) -> list[str]:
    customer = event.customer
    zone = zone_of(customer.timezone) if customer.timezone else None
    phone = normalised_phone(customer.phone, zone or configured_rules().operator_zone)
    email = normalised_email(customer.email)
    found = (phone_subject(phone_index(phone)) if phone else None, email_subject(email_index(email)) if email else None)
    return [subject for subject in found if subject]


def _concerns(subject: str, scope: SuppressionScope) -> bool:
    """A wish about calls says nothing of an address, one about mail nothing of a number."""
    kind = subject.partition(":")[0]
    if scope is SuppressionScope.EMAIL:
        return kind != "phone"
    return kind != "email" or scope is SuppressionScope.ALL
