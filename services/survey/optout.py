"""不再接收回访: from this moment nobody at that number or address is contacted."""

from collections.abc import Sequence

import asyncpg

from chassis.transaction import Transaction
from contracts.events.survey import OptOutRequested
from contracts.vocabulary import BlindIndex, Channel, NotAttempted, SuppressionScope
from services.survey import attempts
from services.survey.permits import Permit
from services.survey.store import links, permits, suppressions


async def affected(connection: asyncpg.Connection, indexes: Sequence[str]) -> set[str]:
    """Customers to lock before `stop_contacts`: everybody with something open at these numbers and addresses."""
    return await suppressions.customers_at(connection, indexes)


async def stop_contacts(tx: Transaction, permit: Permit, *, channel: Channel) -> None:
    """Stops every permit and link of the number and the address, and tells the wish, in one transaction.

    `channel`: where the wish was spoken. A call or message that is with the customer already keeps its
    real end. May run twice.
    """
    await suppressions.ask(tx.connection, permit.indexes, SuppressionScope.ALL, tx.now)
    open_permits = await permits.stoppable_at(tx.connection, permit.indexes, list(Channel))
    own = (permit.callback.callback_id, permit.permit_no)
    others = [other for other in open_permits if (other.callback.callback_id, other.permit_no) != own]
    await attempts.give_back(tx, others, NotAttempted.SUPPRESSED)
    await links.stop_at(tx.connection, permit.indexes, list(Channel))
    tx.emit(
        OptOutRequested(
            customer_ref=permit.callback.customer_ref,
            phone_index=None if permit.phone_index is None else BlindIndex(permit.phone_index),
            email_index=None if permit.email_index is None else BlindIndex(permit.email_index),
            scope=SuppressionScope.ALL,
            channel=channel,
            requested_at=tx.now,
        )
    )
