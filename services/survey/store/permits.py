"""Callbacks, permits and their ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from contracts.events.parts import CallbackPart
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Channel, ChannelReason
from services.survey.permits import STOPPABLE, Permit, PermitState, given_up_at
from services.survey.store.rows import PERMIT_COLUMNS, PERMIT_TABLES, multirange, permit_from

_PARTS = TypeAdapter(tuple[CallbackPart, ...])

Key = tuple[str, int]
"""Callback id and permit number."""


async def permit_of(connection: asyncpg.Connection, callback_id: str, permit_no: int) -> Permit | None:
    found = await permits_of(connection, [(callback_id, permit_no)])
    return found[0] if found else None


async def permits_of(connection: asyncpg.Connection, keys: Sequence[Key]) -> list[Permit]:
    """In no particular order; unknown keys are left out."""
    rows = await connection.fetch(
        f"""SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES}
            JOIN unnest($1::text[], $2::integer[]) AS wanted (callback_id, permit_no)
              ON (permit.callback_id, permit.permit_no) = (wanted.callback_id, wanted.permit_no)""",  # noqa: S608  own columns
        *key_columns(keys),
    )
    return [permit_from(row) for row in rows]


@dataclass(frozen=True)
class Way:
    """By what contact a permit lets a customer be reached."""

    permit_no: int
    channel: Channel
    channel_reason: ChannelReason


async def ways_of(connection: asyncpg.Connection, keys: Sequence[Key]) -> dict[Key, Way]:
    """Of each of these permits that is known."""
    rows = await connection.fetch(
        """SELECT callback_id, permit_no, channel, channel_reason FROM permit
           JOIN unnest($1::text[], $2::integer[]) AS wanted (callback_id, permit_no) USING (callback_id, permit_no)""",
        *key_columns(keys),
    )
    return {
        (row["callback_id"], row["permit_no"]): Way(
            row["permit_no"], Channel(row["channel"]), ChannelReason(row["channel_reason"])
        )
        for row in rows
    }


async def insert_callbacks(connection: asyncpg.Connection, due: Sequence[tuple[CallbackDue, str]]) -> None:
    """`due`: events with the month of their completion. The first permit of a callback fixes its parts."""
    columns = zip(*[_callback_row(event, month) for event, month in due], strict=True)
    # parts go as text: the driver would take a list of lists for an array of two dimensions
    await connection.execute(
        """INSERT INTO callback (callback_id, customer_ref, completion_ref, source, service_id, scenario, month, parts,
               in_design, context, narrative)
           SELECT callback_id, customer_ref, completion_ref, source, service_id, scenario, month, parts::jsonb,
               in_design, context, narrative
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::boolean[], $10::text[], $11::text[])
             AS due (callback_id, customer_ref, completion_ref, source, service_id, scenario, month, parts, in_design,
               context, narrative)
           ON CONFLICT DO NOTHING""",
        *[list(column) for column in columns],
    )


def _callback_row(event: CallbackDue, month: str) -> tuple[Any, ...]:
    return (
        event.callback_id, event.customer_ref, event.completion_ref, event.source, event.service_id, event.scenario,
        month, _PARTS.dump_json(event.parts).decode(), event.in_design, event.context, event.narrative,
    )  # fmt: skip


async def insert_permits(connection: asyncpg.Connection, due: Sequence[CallbackDue], now: datetime) -> set[Key]:
    """Returns the keys that are new; a permit that is known stays as it is."""
    columns = zip(*[_permit_row(event) for event in due], strict=True)
    rows = await connection.fetch(
        """INSERT INTO permit (callback_id, permit_no, customer_ref, channel, channel_reason, starts, given_up_at,
               deadline, not_after, zone, maximum_minutes, priority, skill, reserved_agent, attempt_limit, phone_index,
               email_index, contact, received_at)
           SELECT callback_id, permit_no, customer_ref, channel, channel_reason, starts::tstzmultirange, given_up_at,
               deadline, not_after, zone, maximum_minutes, priority, skill, reserved_agent, attempt_limit, phone_index,
               email_index, contact, $19
           FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
               $8::timestamptz[], $9::timestamptz[], $10::text[], $11::integer[], $12::integer[], $13::text[],
               $14::text[], $15::integer[], $16::text[], $17::text[], $18::text[])
             AS due (callback_id, permit_no, customer_ref, channel, channel_reason, starts, given_up_at, deadline,
               not_after, zone, maximum_minutes, priority, skill, reserved_agent, attempt_limit, phone_index,
               email_index, contact)
           ON CONFLICT DO NOTHING RETURNING callback_id, permit_no""",
        *[list(column) for column in columns],
        now,
    )
    return {(row["callback_id"], row["permit_no"]) for row in rows}


def _permit_row(event: CallbackDue) -> tuple[Any, ...]:
    return (
        event.callback_id, event.permit_no, event.customer_ref, event.channel, event.channel_reason,
        multirange(event.intervals), given_up_at(event.intervals, event.not_after), event.deadline, event.not_after,
        event.zone, event.maximum_minutes, event.priority, event.skill, event.reserved_agent, event.attempt_limit,
        event.phone_index, event.email_index, event.contact,
    )  # fmt: skip


async def stoppable(connection: asyncpg.Connection, callback_ids: Iterable[str]) -> list[Permit]:
    """Permits of these callbacks with which nobody has been reached yet."""
    rows = await connection.fetch(
        f"SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES} WHERE callback_id = ANY ($1) AND permit.state = ANY ($2)",  # noqa: S608
        list(callback_ids),
        list(STOPPABLE),
    )
    return [permit_from(row) for row in rows]


async def stoppable_beside(connection: asyncpg.Connection, keys: Sequence[Key]) -> list[Permit]:
    """Other permits of the callbacks of these, with which nobody has been reached yet. Each callback is named once."""
    rows = await connection.fetch(
        f"""SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES}
            JOIN unnest($1::text[], $2::integer[]) AS named (callback_id, permit_no)
              ON permit.callback_id = named.callback_id AND permit.permit_no <> named.permit_no
            WHERE permit.state = ANY ($3)""",  # noqa: S608  own columns
        *key_columns(keys),
        list(STOPPABLE),
    )
    return [permit_from(row) for row in rows]


async def stoppable_at(
    connection: asyncpg.Connection, indexes: Sequence[str], channels: Iterable[Channel]
) -> list[Permit]:
    """Permits to these numbers and addresses on these channels with which nobody has been reached yet."""
    rows = await connection.fetch(
        f"""SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES}
            WHERE (phone_index = ANY ($1) OR email_index = ANY ($1)) AND channel = ANY ($2) AND state = ANY ($3)""",  # noqa: S608
        indexes,
        list(channels),
        list(STOPPABLE),
    )
    return [permit_from(row) for row in rows]


async def stoppable_of(connection: asyncpg.Connection, customers: Sequence[str]) -> list[Permit]:
    rows = await connection.fetch(
        f"SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES} WHERE permit.customer_ref = ANY ($1) AND state = ANY ($2)",  # noqa: S608
        customers,
        list(STOPPABLE),
    )
    return [permit_from(row) for row in rows]


async def given_up(connection: asyncpg.Connection, now: datetime, limit: int) -> list[tuple[Key, str]]:
    """Open permits that can start no more, with their customers."""
    rows = await connection.fetch(
        """SELECT callback_id, permit_no, customer_ref FROM permit
           WHERE state = 'open' AND given_up_at <= $1 ORDER BY given_up_at LIMIT $2""",
        now,
        limit,
    )
    return [((row["callback_id"], row["permit_no"]), row["customer_ref"]) for row in rows]


async def next_given_up(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval("SELECT min(given_up_at) FROM permit WHERE state = 'open'")
    return instant


async def set_state(
    connection: asyncpg.Connection, key: Key, *, was: Sequence[PermitState], state: PermitState
) -> bool:
    """True when the permit was in one of the states `was` and is in `state` now."""
    found = await connection.fetchval(
        "UPDATE permit SET state = $3 WHERE callback_id = $1 AND permit_no = $2 AND state = ANY ($4) RETURNING true",
        *key,
        state,
        list(was),
    )
    return found is not None


def key_columns(keys: Sequence[Key]) -> tuple[list[str], list[int]]:
    return [callback_id for callback_id, _ in keys], [permit_no for _, permit_no in keys]
