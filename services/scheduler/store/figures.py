"""What waits for its time, counted for the monitoring."""

from datetime import datetime

import asyncpg

from chassis.metrics import Figures
from services.scheduler.metrics import PERMITS_DUE, WISHES

_COUNTS = """
SELECT (SELECT count(*) FROM permit WHERE state = 'pending' AND due_at <= $1) AS permits,
       (SELECT count(*) FROM suppression_wish WHERE applied_at IS NULL) AS wishes
"""


async def figures(connection: asyncpg.Connection, now: datetime) -> Figures:
    row = await connection.fetchrow(_COUNTS, now)
    return {PERMITS_DUE: {(): row["permits"]}, WISHES: {(): row["wishes"]}}
