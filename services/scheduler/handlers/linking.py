"""Numbers and addresses that were seen of a customer; an old wish not to be contacted holds for a new customer too."""

from collections.abc import Sequence

from chassis.transaction import Transaction
from contracts.events.scheduler import ContactSuppressed
from contracts.vocabulary import BlindIndex, CustomerRef, SuppressionScope, SuppressionState
from services.scheduler.contact import email_subject, phone_subject
from services.scheduler.store import contacts
from services.scheduler.store.contacts import Suppression


async def link(tx: Transaction, reaches: Sequence[tuple[str, str | None, str | None]]) -> None:
    """(customer_ref, phone_index, email_index)"""
    pairs = [
        (subject, ref)
        for ref, phone, email in reaches
        for subject in (phone_subject(phone), email_subject(email))
        if subject
    ]
    new = await contacts.link(tx.connection, pairs)
    if not new:
        return
    held = await contacts.suppressions(tx.connection, {subject for subject, _ in new})
    for subject, ref in sorted(new):
        for (name, _), suppression in sorted(held.items()):
            if name == subject and suppression.state == SuppressionState.SUPPRESSED:
                tx.emit(told(suppression, ref))


def told(suppression: Suppression, customer_ref: str) -> ContactSuppressed:
    """The state of one suppression, as one of the customers of its subject hears it."""
    kind, _, index = suppression.subject.partition(":")
    return ContactSuppressed(
        customer_ref=CustomerRef(customer_ref),
        phone_index=BlindIndex(index) if kind == "phone" else None,
        email_index=BlindIndex(index) if kind == "email" else None,
        scope=SuppressionScope(suppression.scope),
        state=SuppressionState(suppression.state),
        sequence=suppression.sequence,
        since=suppression.changed_at,
    )
