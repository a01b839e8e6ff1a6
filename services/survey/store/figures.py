"""What waits here, counted for the monitoring."""

from datetime import datetime

import asyncpg

from chassis.metrics import Figures
from services.survey.metrics import CALLS_EXPIRING, LETTERS_DUE, PERMITS

_COUNTS = """
SELECT 'permits' AS what, channel, state, count(*) AS n FROM permit WHERE state <> 'closed' GROUP BY channel, state
UNION ALL
SELECT 'letters', '', '', count(*) FROM message WHERE state = 'ready' AND due_at <= $1
UNION ALL
SELECT 'calls', '', '', count(*) FROM permit
WHERE state = 'open' AND channel = 'phone' AND given_up_at <= $1 + interval '1 hour'
"""


async def figures(connection: asyncpg.Connection, now: datetime) -> Figures:
    rows = await connection.fetch(_COUNTS, now)
    counts = {row["what"]: row["n"] for row in rows}
    return {
        PERMITS: {(row["channel"], row["state"]): row["n"] for row in rows if row["what"] == "permits"},
        LETTERS_DUE: {(): counts["letters"]},
        CALLS_EXPIRING: {(): counts["calls"]},
    }
