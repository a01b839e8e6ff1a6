"""What time does to leases: unstarted and silent ones go back, calls nobody wrapped up end as break-off."""

from datetime import timedelta

from chassis.runtime import Loop, Runtime
from services.survey import closing
from services.survey.store import leases

BATCH = 200


async def end_leases(runtime: Runtime) -> int:
    now = await runtime.now()
    async with runtime.reading() as connection:
        due = await leases.due(connection, now, BATCH)
    if not due:
        return 0
    ended = 0
    async with runtime.transaction(customers={lease.customer_ref for lease in due}, skip_locked=True) as tx:
        for lease in due:
            if lease.customer_ref not in tx.customers:
                continue
            # it may have been renewed, dialled or wrapped up since it was read
            current = await leases.still_due(tx.connection, lease, tx.now)
            if current is not None:
                tx.took("leases", [current.due_at])
                await closing.time_over(tx, current)
                ended += 1
    return ended


LOOPS = (Loop("leases", end_leases, timedelta(seconds=1), leases.next_due),)
