"""The intent log held against the system: what was meant and is not there, and what is there more than once."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import asyncpg

from tests.faults.cluster import SOURCE, Cluster
from tests.faults.intents import Intent

NAMED = 5

_SERVICES = {
    "ledger of scheduler": "SELECT service_id FROM scheduler.completion WHERE source = $1",
    "completions of survey": "SELECT service_id FROM survey.completion WHERE source = $1",
    "completions of tagging": "SELECT service_id FROM tagging.completion WHERE source = $1",
    "read model": "SELECT service_id FROM reporting.completion WHERE source = $1",
}
_ANSWERS = {
    "responses of survey": """
        SELECT c.service_id FROM survey.response JOIN survey.callback AS c USING (callback_id)
        WHERE c.source = $1 AND final""",
    "responses of tagging": """
        SELECT c.service_id FROM tagging.response JOIN tagging.completion AS c USING (completion_ref)
        WHERE c.source = $1 AND tagging_revision > 0""",
    "responses of followup": """
        SELECT c.service_id FROM followup.response JOIN tagging.completion AS c USING (completion_ref)
        WHERE c.source = $1 AND revision > 0""",
    "responses of the read model": """
        SELECT c.service_id FROM reporting.response JOIN reporting.completion AS c USING (completion_ref)
        WHERE c.source = $1 AND final""",
    "explanations of scheduler": """
        SELECT service_id FROM scheduler.completion WHERE source = $1 AND explanation = 'complete'""",
    "explanations of the read model": """
        SELECT c.service_id FROM reporting.callback JOIN reporting.completion AS c USING (completion_ref)
        WHERE c.source = $1 AND explanation = 'complete'""",
}
_CASES = {
    "cases": """
        SELECT c.service_id FROM followup.case_file JOIN tagging.completion AS c USING (completion_ref)
        WHERE c.source = $1""",
    "cases of the read model": """
        SELECT c.service_id FROM reporting.followup_case JOIN reporting.completion AS c USING (completion_ref)
        WHERE c.source = $1""",
}
_EVENT_KEYS = {
    ("scheduler", "service-accepted"): ("completion_ref",),
    ("scheduler", "callback-due"): ("callback_id", "permit_no"),
    ("scheduler", "callback-closed"): ("callback_id",),
    ("survey", "attempt-closed"): ("attempt_id",),
    ("survey", "response-recorded"): ("response_id", "revision"),
    ("tagging", "response-tagged"): ("response_id", "tagging_revision"),
    ("tagging", "low-score-flagged"): ("item_id", "item_revision"),
    ("followup", "case-changed"): ("case_id", "revision"),
}
_TWICE = {
    "callbacks of one completion": """
        SELECT completion_ref FROM scheduler.callback GROUP BY 1 HAVING count(*) > 1""",
    "permits of one callback": "SELECT callback_id FROM scheduler.permit GROUP BY 1 HAVING count(*) > 1",
    "responses told again": "SELECT response_id FROM survey.response WHERE revision > 1",
    "cases of one response": "SELECT response_id FROM followup.case_file GROUP BY 1 HAVING count(*) > 1",
}


@dataclass(frozen=True)
class Balance:
    """Service ids (or ids of ours) by what is wrong with them; both empty: everything once."""

    lost: Mapping[str, Collection[str]]
    twice: Mapping[str, Collection[str]]

    @property
    def number_lost(self) -> int:
        return sum(len(found) for found in self.lost.values())

    @property
    def number_twice(self) -> int:
        return sum(len(found) for found in self.twice.values())

    def sentence(self) -> str:
        found = [("lost", self.lost), ("twice", self.twice)]
        said = [
            f"{kind} {len(ids)} in {place} ({', '.join(sorted(ids)[:NAMED])})"
            for kind, places in found
            for place, ids in places.items()
            if ids
        ]
        return "; ".join(said) or "everything once"


async def balance(cluster: Cluster, told: Mapping[str, Intent], answered: Collection[str]) -> Balance:
    """One look. Things under way count as lost: look again, see `drained`."""
    low = {name for name in answered if told[name].is_low}
    wanted = ((_SERVICES, set(told)), (_ANSWERS, set(answered)), (_CASES, low))
    lost: dict[str, Collection[str]] = {"answers not taken": set(told) - set(answered)}
    twice: dict[str, Collection[str]] = {}
    async with cluster.looking() as connection:
        for queries, expected in wanted:
            for place, query in queries.items():
                lost[place] = expected - {row[0] for row in await connection.fetch(query, SOURCE)}
        for place, query in _TWICE.items():
            twice[place] = [row[0] for row in await connection.fetch(query)]
        twice["cases without a low score"] = await _unasked_cases(connection, low)
        for (service, topic), keys in _EVENT_KEYS.items():
            twice[f"{topic} told"] = await _told_again(connection, service, topic, keys)
    return Balance(lost, twice)


async def drained(
    cluster: Cluster, told: Mapping[str, Intent], answered: Collection[str], *, seconds: float = 60
) -> Balance:
    """Looks until nothing is missing, at most so long; then once more a little later, for what may come twice."""
    deadline = time.monotonic() + seconds
    while (found := await balance(cluster, told, answered)).number_lost and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    await asyncio.sleep(1.0)
    return found if found.number_lost else await balance(cluster, told, answered)


async def _unasked_cases(connection: asyncpg.Connection, low: Collection[str]) -> list[str]:
    return sorted({row[0] for row in await connection.fetch(_CASES["cases"], SOURCE)} - set(low))


async def _told_again(connection: asyncpg.Connection, service: str, topic: str, keys: tuple[str, ...]) -> list[str]:
    """Business keys told under more than one event id; the outbox is append-only, so it remembers."""
    columns = ", ".join(f"body ->> '{key}'" for key in keys)
    rows = await connection.fetch(
        f"""
        WITH told AS (SELECT convert_from(payload, 'UTF8')::jsonb AS body FROM {service}.outbox WHERE topic = $1)
        SELECT concat_ws('/', {columns}) FROM told GROUP BY {columns} HAVING count(*) > 1
        """,  # noqa: S608 - names from the table above
        topic,
    )
    return [row[0] for row in rows]
