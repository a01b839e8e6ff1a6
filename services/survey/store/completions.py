"""The index of accepted completions: what an imported answer can belong to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.events.scheduler import ServiceAccepted
from contracts.vocabulary import Scenario, Verdict

_COLUMNS = (
    "completion_ref", "customer_ref", "source", "service_id", "verdict", "scenario", "period", "completed_at",
    "context", "narrative",
)  # fmt: skip


@dataclass(frozen=True)
class Completion:
    """`scenario` is None where scheduler rejected the document for an unknown one."""

    completion_ref: str
    customer_ref: str
    source: str
    service_id: str
    verdict: Verdict
    scenario: Scenario | None
    period: str
    completed_at: datetime
    context: str
    narrative: str | None


async def insert(connection: asyncpg.Connection, events: Sequence[ServiceAccepted]) -> None:
    """The first word on a completion stays."""
    await connection.execute(
        """INSERT INTO completion (completion_ref, customer_ref, source, service_id, verdict, scenario, period,
               completed_at, context, narrative)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::timestamptz[], $9::text[], $10::text[])
           ON CONFLICT DO NOTHING""",
        *[[getattr(event, name) for event in events] for name in _COLUMNS],
    )


async def known(connection: asyncpg.Connection, source: str, service_ids: Iterable[str]) -> dict[str, Completion]:
    """Accepted completions of one source by service id."""
    rows = await connection.fetch(
        """SELECT completion_ref, customer_ref, source, service_id, verdict, scenario, period, completed_at, context,
               narrative
           FROM completion WHERE source = $1 AND service_id = ANY ($2)""",
        source,
        sorted(set(service_ids)),
    )
    return {row["service_id"]: _completion(row) for row in rows}


def _completion(row: asyncpg.Record) -> Completion:
    scenario = row["scenario"]
    named = Scenario(scenario) if scenario in tuple(Scenario) else None
    return Completion(**{**dict(row), "verdict": Verdict(row["verdict"]), "scenario": named})
