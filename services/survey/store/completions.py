"""The index of accepted completions: what an imported answer can belong to."""

from collections.abc import Sequence

import asyncpg

from contracts.events.scheduler import ServiceAccepted

_COLUMNS = (
    "completion_ref", "customer_ref", "source", "service_id", "verdict", "scenario", "period", "completed_at",
    "context", "narrative",
)  # fmt: skip


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
