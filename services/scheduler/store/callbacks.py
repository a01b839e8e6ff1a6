"""Callbacks with their parts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from contracts.vocabulary import Channel, Explanation, Priority, Purpose, ResponseStatus, Scenario
from services.scheduler.callback import Callback, Part, Permit
from services.scheduler.course import silent_until
from services.scheduler.store import permits
from services.scheduler.store.arrays import columns

_SELECT = """
    SELECT b.callback_id, b.completion_ref, b.customer_ref, c.source, c.service_id, b.scenario, b.not_before,
           b.deadline, b.not_after, b.priority, b.skill, b.zone, b.in_design, b.opened_at, c.phone_index, c.email_index,
           b.reserved_agent, b.channel_wish, b.passes_budget, b.channels, b.counted_at, b.first_tried_at,
           b.last_word, b.explanation,
           (SELECT jsonb_object_agg(a.hour, a.calls) FROM answered_hour AS a
            WHERE a.customer_ref = b.customer_ref) AS answered
    FROM callback AS b JOIN completion AS c USING (completion_ref)
"""


async def insert(connection: asyncpg.Connection, callbacks: Sequence[Callback], planned: Iterable[Permit] = ()) -> None:
    """A callback that exists already is left as it is. `planned`: their first permits; the closing timer is set for
    their release now, so that the release writes no index of the callback."""
    closes = {permit.callback_id: silent_until(permit.last_start) for permit in planned}
    await connection.execute(
        """
        INSERT INTO callback (callback_id, completion_ref, customer_ref, scenario, not_before, deadline, not_after,
            priority, skill, zone, in_design, opened_at, reserved_agent, channel_wish, passes_budget, channels,
            closes_at)
        SELECT callback_id, completion_ref, customer_ref, scenario, not_before, deadline, not_after, priority, skill,
            zone, in_design, opened_at, reserved_agent, channel_wish, passes_budget, string_to_array(channels, ','),
            closes_at
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
            $7::timestamptz[], $8::int[], $9::text[], $10::text[], $11::boolean[], $12::timestamptz[], $13::text[],
            $14::text[], $15::boolean[], $16::text[], $17::timestamptz[])
            AS new (callback_id, completion_ref, customer_ref, scenario, not_before, deadline, not_after, priority,
            skill, zone, in_design, opened_at, reserved_agent, channel_wish, passes_budget, channels, closes_at)
        ON CONFLICT (callback_id) DO NOTHING
        """,
        *columns(
            callbacks, "callback_id", "completion_ref", "customer_ref", "scenario", "not_before", "deadline",
            "not_after", "priority", "skill", "zone", "in_design", "opened_at", "reserved_agent", "channel_wish",
            "passes_budget",
        ),
        [None if b.channels is None else ",".join(b.channels) for b in callbacks],
        [closes.get(b.callback_id) for b in callbacks],
    )  # fmt: skip
    await insert_parts(connection, [(b.callback_id, part) for b in callbacks for part in b.parts])


async def insert_parts(connection: asyncpg.Connection, parts: Sequence[tuple[str, Part]]) -> None:
    rows = [part for _, part in parts]
    await connection.execute(
        """
        INSERT INTO part (callback_id, part_id, purpose, round, questionnaire, about, text, request_id)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::jsonb[], $7::text[],
            $8::text[])
        ON CONFLICT DO NOTHING
        """,
        [callback_id for callback_id, _ in parts],
        *columns(rows, "part_id", "purpose", "round", "questionnaire", "about", "text", "request_id"),
    )


async def load(connection: asyncpg.Connection, ids: Iterable[str]) -> dict[str, Callback]:
    """Callbacks with parts and permits, open or closed."""
    wanted = sorted(set(ids))
    rows = await connection.fetch(_SELECT + "WHERE b.callback_id = ANY ($1::text[])", wanted)
    parts = await _parts(connection, wanted)
    permits_of = await permits.of_callbacks(connection, wanted)
    return {row["callback_id"]: _callback(row, parts, permits_of) for row in rows}


async def open_of_completions(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, list[Callback]]:
    """Callbacks without an explanation, by completion_ref, the oldest first."""
    return await _grouped(connection, "b.closed_at IS NULL AND b.completion_ref", refs, by="completion_ref")


async def open_of_customers(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, list[Callback]]:
    return await _grouped(connection, "b.closed_at IS NULL AND c.customer_ref", refs, by="customer_ref")


async def survey_of_completions(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[str, str]:
    """The open callback with the survey part of each completion."""
    rows = await connection.fetch(
        """
        SELECT b.completion_ref, b.callback_id FROM callback AS b JOIN part AS p USING (callback_id)
        WHERE b.completion_ref = ANY ($1::text[]) AND p.purpose = 'survey' AND b.closed_at IS NULL
        """,
        sorted(set(refs)),
    )
    return {row["completion_ref"]: row["callback_id"] for row in rows}


async def update_course(
    connection: asyncpg.Connection, waits: Sequence[tuple[str, datetime | None, str | None]]
) -> None:
    """(callback_id, closes_at, last_word); a last word of None leaves the one before."""
    await connection.execute(
        """
        UPDATE callback SET closes_at = new.closes_at, last_word = coalesce(new.last_word, callback.last_word)
        FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS new (callback_id, closes_at, last_word)
        WHERE callback.callback_id = new.callback_id AND callback.closed_at IS NULL
        """,
        [w[0] for w in waits],
        [w[1] for w in waits],
        [w[2] for w in waits],
    )


async def update_terms(connection: asyncpg.Connection, callbacks: Sequence[Callback]) -> None:
    """Window, priority and who is wanted, as merging or a correction left them."""
    await connection.execute(
        """
        UPDATE callback SET not_before = new.not_before, deadline = new.deadline, not_after = new.not_after,
            priority = new.priority, passes_budget = new.passes_budget, reserved_agent = new.reserved_agent,
            zone = new.zone
        FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::int[], $6::boolean[],
            $7::text[], $8::text[])
            AS new (callback_id, not_before, deadline, not_after, priority, passes_budget, reserved_agent, zone)
        WHERE callback.callback_id = new.callback_id
        """,
        *columns(
            callbacks, "callback_id", "not_before", "deadline", "not_after", "priority", "passes_budget",
            "reserved_agent", "zone",
        ),
    )  # fmt: skip
    await permits.forget_notices(connection, [callback.callback_id for callback in callbacks])


async def note_tried(connection: asyncpg.Connection, tried: Sequence[tuple[str, datetime]]) -> None:
    await connection.execute(
        """
        UPDATE callback SET first_tried_at = least(first_tried_at, new.at)
        FROM unnest($1::text[], $2::timestamptz[]) AS new (callback_id, at)
        WHERE callback.callback_id = new.callback_id
        """,
        [callback_id for callback_id, _ in tried],
        [at for _, at in tried],
    )


async def note_heard(connection: asyncpg.Connection, heard: Sequence[tuple[str, str, str, str | None]]) -> None:
    """(callback_id, part_id, response_id, status of the final response or None)."""
    await connection.execute(
        """
        UPDATE part SET response_id = new.response_id, heard = coalesce(new.heard, part.heard)
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS new (callback_id, part_id, response_id, heard)
        WHERE part.callback_id = new.callback_id AND part.part_id = new.part_id
        """,
        *[[h[i] for h in heard] for i in range(4)],
    )


async def close(connection: asyncpg.Connection, closings: Sequence[tuple[str, Explanation]], now: datetime) -> set[str]:
    """Returns the callbacks closed by this call: an explanation is given once."""
    rows = await connection.fetch(
        """
        UPDATE callback SET explanation = new.explanation, closed_at = $3, closes_at = NULL
        FROM unnest($1::text[], $2::text[]) AS new (callback_id, explanation)
        WHERE callback.callback_id = new.callback_id AND callback.closed_at IS NULL
        RETURNING callback.callback_id
        """,
        [callback_id for callback_id, _ in closings],
        [explanation.value for _, explanation in closings],
        now,
    )
    return {row["callback_id"] for row in rows}


async def due_to_close(connection: asyncpg.Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(callback_id, customer_ref) whose closing timer rang, unlocked."""
    rows = await connection.fetch(
        """
        SELECT callback_id, customer_ref FROM callback
        WHERE closed_at IS NULL AND closes_at <= $1 ORDER BY closes_at LIMIT $2
        """,
        now,
        limit,
    )
    return [(row["callback_id"], row["customer_ref"]) for row in rows]


async def next_closing(connection: asyncpg.Connection) -> datetime | None:
    closes: datetime | None = await connection.fetchval("SELECT min(closes_at) FROM callback WHERE closed_at IS NULL")
    return closes


async def rounds(connection: asyncpg.Connection, refs: Iterable[str]) -> dict[tuple[str, str], int]:
    """The highest round of each (completion_ref, purpose)."""
    rows = await connection.fetch(
        """
        SELECT b.completion_ref, p.purpose, max(p.round) AS round FROM callback AS b JOIN part AS p USING (callback_id)
        WHERE b.completion_ref = ANY ($1::text[]) GROUP BY 1, 2
        """,
        sorted(set(refs)),
    )
    return {(row["completion_ref"], row["purpose"]): row["round"] for row in rows}


async def _grouped(
    connection: asyncpg.Connection, condition: str, refs: Iterable[str], *, by: str
) -> dict[str, list[Callback]]:
    rows = await connection.fetch(
        f"{_SELECT} WHERE {condition} = ANY ($1::text[]) ORDER BY b.opened_at, b.callback_id", sorted(set(refs))
    )
    ids = [row["callback_id"] for row in rows]
    parts, permits_of = await _parts(connection, ids), await permits.of_callbacks(connection, ids)
    found: dict[str, list[Callback]] = {}
    for row in rows:
        found.setdefault(row[by], []).append(_callback(row, parts, permits_of))
    return found


async def _parts(connection: asyncpg.Connection, ids: Sequence[str]) -> dict[str, list[Part]]:
    rows = await connection.fetch(
        """
        SELECT callback_id, part_id, purpose, round, questionnaire, about, text, request_id, response_id, heard
        FROM part WHERE callback_id = ANY ($1::text[]) ORDER BY callback_id, purpose, part_id
        """,
        ids,
    )
    found: dict[str, list[Part]] = {}
    for row in rows:
        fields: dict[str, Any] = dict(row)
        fields["purpose"] = Purpose(row["purpose"])
        fields["heard"] = ResponseStatus(row["heard"]) if row["heard"] else None
        found.setdefault(fields.pop("callback_id"), []).append(Part(**fields))
    return found


def _callback(
    row: Mapping[str, Any], parts: Mapping[str, list[Part]], permits_of: Mapping[str, list[Permit]]
) -> Callback:
    fields: dict[str, Any] = dict(row)
    fields["scenario"] = Scenario(row["scenario"])
    fields["priority"] = Priority(row["priority"])
    fields["channel_wish"] = Channel(row["channel_wish"]) if row["channel_wish"] else None
    fields["channels"] = None if row["channels"] is None else tuple(Channel(name) for name in row["channels"])
    fields["answered"] = {int(hour): calls for hour, calls in (row["answered"] or {}).items()}
    fields["last_word"] = Explanation(row["last_word"]) if row["last_word"] else None
    fields["explanation"] = Explanation(row["explanation"]) if row["explanation"] else None
    callback_id = row["callback_id"]
    return Callback(**fields, parts=tuple(parts.get(callback_id, ())), permits=tuple(permits_of.get(callback_id, ())))
