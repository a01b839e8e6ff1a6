"""Wishes for a second contact, by request and revision."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from contracts.events.followup import CallbackRequested
from contracts.events.parts import About
from services.scheduler.merging import Origin
from services.scheduler.store import permits


async def upsert(connection: asyncpg.Connection, events: Sequence[CallbackRequested]) -> dict[str, str | None]:
    """request_id → callback that took it in before, for the requests of which this is news; one event per request."""
    rows = await connection.fetch(
        """
        INSERT INTO request (request_id, revision, state, completion_ref, customer_ref, purpose, about, not_before,
            deadline, reserved_agent, channel_wish, text)
        SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
            $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $12::text[])
        ON CONFLICT (request_id) DO UPDATE SET revision = excluded.revision, state = excluded.state,
            not_before = excluded.not_before, deadline = excluded.deadline, about = excluded.about,
            reserved_agent = excluded.reserved_agent, channel_wish = excluded.channel_wish, text = excluded.text
        WHERE excluded.revision > request.revision
        RETURNING request_id, callback_id
        """,
        [e.request_id for e in events], [e.revision for e in events], [e.state for e in events],
        [e.completion_ref for e in events], [e.customer_ref for e in events], [e.purpose for e in events],
        [e.about.model_dump(mode="json", exclude_none=True) for e in events], [e.not_before for e in events],
        [e.deadline for e in events], [e.reserved_agent for e in events], [e.channel_wish for e in events],
        [e.text for e in events],
    )  # fmt: skip
    return {row["request_id"]: row["callback_id"] for row in rows}


async def waiting(connection: asyncpg.Connection, completion_refs: Iterable[str]) -> list[CallbackRequested]:
    """Open requests that no callback has taken in, the earliest deadline first."""
    rows = await connection.fetch(
        """
        SELECT request_id, revision, state, completion_ref, customer_ref, purpose, about, not_before, deadline,
               reserved_agent, channel_wish, text
        FROM request WHERE completion_ref = ANY ($1::text[]) AND callback_id IS NULL AND state = 'open'
        ORDER BY deadline, request_id
        """,
        sorted(set(completion_refs)),
    )
    return [_event(row) for row in rows]


async def taken_in(connection: asyncpg.Connection, taken: Sequence[tuple[str, str]]) -> None:
    """(request_id, callback_id)"""
    await connection.execute(
        """
        UPDATE request SET callback_id = new.callback_id
        FROM unnest($1::text[], $2::text[]) AS new (request_id, callback_id)
        WHERE request.request_id = new.request_id
        """,
        [request_id for request_id, _ in taken],
        [callback_id for _, callback_id in taken],
    )


async def drop_part(connection: asyncpg.Connection, callback_id: str, request_id: str) -> None:
    await connection.execute("DELETE FROM part WHERE callback_id = $1 AND request_id = $2", callback_id, request_id)
    await permits.forget_notices(connection, [callback_id])


async def origins(connection: asyncpg.Connection, completion_refs: Iterable[str]) -> dict[str, Origin]:
    """Completions with a scenario, by their reference."""
    rows = await connection.fetch(
        """
        SELECT completion_ref, customer_ref, source, service_id, scenario, zone, vip, phone_index, email_index
        FROM completion WHERE completion_ref = ANY ($1::text[]) AND scenario IS NOT NULL
        """,
        sorted(set(completion_refs)),
    )
    return {row["completion_ref"]: Origin(**dict(row)) for row in rows}


def _event(row: Mapping[str, Any]) -> CallbackRequested:
    return CallbackRequested.model_validate({**dict(row), "about": About.model_validate(row["about"])})
