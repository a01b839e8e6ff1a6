"""What is open and what is late, counted for the monitoring."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

import asyncpg

from chassis.metrics import Figures
from services.followup.metrics import CASES_OPEN, CASES_OVERDUE, PROMISES_OPEN, PROMISES_OVERDUE

OTHER = "other"

_COUNTS = """
SELECT 'case' AS what, department, count(*) AS open, count(*) FILTER (WHERE due_at < $1) AS overdue
FROM case_file WHERE state <> 'closed' GROUP BY department
UNION ALL
SELECT 'promise', department, count(*), count(*) FILTER (WHERE due_at < $1)
FROM promise WHERE state = 'open' GROUP BY department
"""


async def figures(connection: asyncpg.Connection, now: datetime, departments: Collection[str]) -> Figures:
    """Departments outside the given ones are told as one."""
    gauges = {"case": (CASES_OPEN, CASES_OVERDUE), "promise": (PROMISES_OPEN, PROMISES_OVERDUE)}
    found = {gauge: Counter[tuple[str, ...]]() for pair in gauges.values() for gauge in pair}
    for row in await connection.fetch(_COUNTS, now):
        open_, overdue = gauges[row["what"]]
        labels = (row["department"] if row["department"] in departments else OTHER,)
        found[open_][labels] += row["open"]
        found[overdue][labels] += row["overdue"]
    return found
