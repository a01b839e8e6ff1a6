"""How long until the system works again: one fresh service on its whole way.

Recovery counts from the end of the fault (the network heals, room is made, the supervisor may start the process or the
server again) until every process says that it is ready and a low score told after that end has its case in the read
model. So it holds the start of the process, and the journey itself, which takes about a second without any fault.
"""

import asyncio
import time

from tests.faults.cluster import SOURCE, Cluster
from tests.faults.crm import Crm
from tests.faults.customers import Customers
from tests.faults.intents import IntentLog

PATIENCE_SECONDS = 300.0
EVERY_SECONDS = 0.1
_ARRIVED = """
SELECT count(*) FROM reporting.followup_case JOIN reporting.completion AS c USING (completion_ref)
WHERE c.source = $1 AND c.service_id = $2
"""


async def recovery(
    cluster: Cluster, log: IntentLog, crm: Crm, customers: Customers, *, since: float, row: str
) -> float:
    """Seconds from `since` (monotonic). Raises AssertionError when it takes longer than the patience."""
    intent = log.mean(f"{row}-probe", repeats=0, low=True)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await crm.tell([intent], seconds=0)
            while intent.service_id not in customers.answered:
                await customers.answer()
                await asyncio.sleep(EVERY_SECONDS)
            async with cluster.looking() as connection:
                while not await connection.fetchval(_ARRIVED, SOURCE, intent.service_id):
                    await asyncio.sleep(EVERY_SECONDS)
            await cluster.ready()
    except TimeoutError:
        said = customers.said.get(intent.service_id) or customers.said.get("door")
        raise AssertionError(f"{row}: nothing came through {PATIENCE_SECONDS:.0f} s after the fault ({said})") from None
    return time.monotonic() - since
