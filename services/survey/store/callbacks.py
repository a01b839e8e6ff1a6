"""Callbacks whatever their permits, also those of records that no contact brought."""

from collections.abc import Iterable, Sequence

import asyncpg
from pydantic import TypeAdapter

from contracts.events.parts import CallbackPart
from services.survey.interview import OWN_RECORD, Callback
from services.survey.store.rows import CALLBACK_COLUMNS, callback_from

_PARTS = TypeAdapter(tuple[CallbackPart, ...])
Answered = tuple[str, str, str, int]
"""Source, service id, purpose, round."""


async def of_services(connection: asyncpg.Connection, services: Iterable[tuple[str, str]]) -> list[Callback]:
    wanted = sorted(set(services))
    rows = await connection.fetch(
        f"""SELECT {CALLBACK_COLUMNS} FROM callback
            JOIN unnest($1::text[], $2::text[]) AS wanted (source, service_id) USING (source, service_id)
            ORDER BY callback_id""",  # noqa: S608  own columns
        [source for source, _ in wanted],
        [service_id for _, service_id in wanted],
    )
    return [callback_from(row) for row in rows]


async def insert(connection: asyncpg.Connection, new: Sequence[Callback]) -> None:
    """One that is known stays as it is."""
    names = ("callback_id", "customer_ref", "completion_ref", "source", "service_id", "scenario", "month")
    await connection.execute(
        """INSERT INTO callback (callback_id, customer_ref, completion_ref, source, service_id, scenario, month,
               in_design, context, narrative, parts)
           SELECT a, b, c, d, e, f, g, h, i, j, k::jsonb
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::boolean[], $9::text[], $10::text[], $11::text[]) AS own (a, b, c, d, e, f, g, h, i, j, k)
           ON CONFLICT DO NOTHING""",
        *[[getattr(one, name) for one in new] for name in (*names, "in_design", "context", "narrative")],
        [_PARTS.dump_json(one.parts).decode() for one in new],
    )


async def answered_by_own_records(connection: asyncpg.Connection, services: Iterable[tuple[str, str]]) -> set[Answered]:
    """Which purposes and rounds of these services were answered by records that no contact brought, and stand."""
    wanted = sorted(set(services))
    rows = await connection.fetch(
        """SELECT callback.source, callback.service_id, part ->> 'purpose' AS purpose,
               (part ->> 'round')::integer AS round
           FROM callback
           JOIN unnest($1::text[], $2::text[]) AS wanted (source, service_id) USING (source, service_id)
           JOIN interview USING (callback_id)
           JOIN response USING (callback_id)
           CROSS JOIN LATERAL jsonb_array_elements(callback.parts) AS part
           WHERE interview.permit_no = $3 AND response.final AND response.voided_at IS NULL""",
        [source for source, _ in wanted],
        [service_id for _, service_id in wanted],
        OWN_RECORD,
    )
    return {(row["source"], row["service_id"], row["purpose"], row["round"]) for row in rows}
