"""Partitions of outbox and inbox made ahead and dropped behind."""

from datetime import UTC, datetime, timedelta

from chassis.clock import business_now
from chassis.consumer import INBOX_MEMORY
from chassis.runtime import Loop, Runtime

AHEAD = timedelta(days=62)


async def keep_partitions(runtime: Runtime) -> int:
    """Always 0: nothing here is work that others wait for."""
    async with runtime.reading() as connection:
        business = await business_now(connection)
        machine = datetime.now(UTC)
        await connection.execute("SELECT add_outbox_partition()")
        await connection.execute("SELECT drop_outbox_partitions()")
        for now in (business, machine):
            await connection.execute("SELECT add_inbox_partitions($1, $2)", now - AHEAD, now + AHEAD)
        await connection.execute("SELECT drop_inbox_partitions($1)", min(business, machine) - INBOX_MEMORY)
    return 0


PARTITIONS_LOOP = Loop("partitions", keep_partitions, timedelta(hours=1))
