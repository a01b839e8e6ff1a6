"""Permits: pending ones are the timers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from contracts.events.survey import AttemptClosed
from contracts.vocabulary import Channel, ChannelReason, Disposition, NotAttempted
from services.scheduler.callback import Permit, PermitKind, PermitState
from services.scheduler.store.arrays import columns

_OF_NOTICE = "notice, notice_from, notice_until, notice_policy, subjects, notice_about, counts, capped"


async def insert(connection: asyncpg.Connection, permits: Sequence[Permit]) -> None:
    """A number that exists is left as it is: an attempt told twice never plans twice."""
    await connection.execute(
        f"""
        INSERT INTO permit (callback_id, permit_no, customer_ref, channel, channel_reason, due_at, urgency, skill, kind,
            not_before, last_start, reserved_agent, plan, planned_at, {_OF_NOTICE}, state)
        SELECT callback_id, permit_no, customer_ref, channel, channel_reason, due_at, urgency, skill, kind,
            not_before, last_start, reserved_agent, plan, planned_at, notice, notice_from, notice_until, notice_policy,
            string_to_array(subjects, ' '), notice_about, counts, capped, 'pending'
        FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
            $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::text[], $13::jsonb[],
            $14::timestamptz[], $15::text[], $16::timestamptz[], $17::timestamptz[], $18::text[], $19::text[],
            $20::text[], $21::boolean[], $22::boolean[])
            AS new (callback_id, permit_no, customer_ref, channel, channel_reason, due_at, urgency, skill, kind,
            not_before, last_start, reserved_agent, plan, planned_at, {_OF_NOTICE})
        ON CONFLICT DO NOTHING
        """,  # noqa: S608
        *columns(
            permits, "callback_id", "permit_no", "customer_ref", "channel", "channel_reason", "due_at", "urgency",
            "skill", "kind", "not_before", "last_start", "reserved_agent", "plan", "planned_at",
        ),
        *_notices(permits),
    )  # fmt: skip


async def replan(connection: asyncpg.Connection, permits: Sequence[Permit]) -> None:
    """Pending permits get the new time, channel and plan under their own number."""
    await connection.execute(
        f"""
        UPDATE permit SET due_at = new.due_at, urgency = new.urgency, channel = new.channel,
            channel_reason = new.channel_reason, last_start = new.last_start, not_before = new.not_before,
            earlier_plans = permit.earlier_plans || jsonb_build_array(permit.plan), plan = new.plan,
            planned_at = new.planned_at, reserved_agent = new.reserved_agent, notice = new.notice,
            notice_from = new.notice_from, notice_until = new.notice_until, notice_policy = new.notice_policy,
            subjects = string_to_array(new.subjects, ' '), notice_about = new.notice_about, counts = new.counts,
            capped = new.capped
        FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[],
            $7::timestamptz[], $8::timestamptz[], $9::jsonb[], $10::timestamptz[], $11::text[], $12::text[],
            $13::timestamptz[], $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::boolean[],
            $19::boolean[])
            AS new (callback_id, permit_no, due_at, urgency, channel, channel_reason, last_start, not_before, plan,
            planned_at, reserved_agent, {_OF_NOTICE})
        WHERE permit.callback_id = new.callback_id AND permit.permit_no = new.permit_no AND permit.state = 'pending'
        """,  # noqa: S608
        *columns(
            permits, "callback_id", "permit_no", "due_at", "urgency", "channel", "channel_reason", "last_start",
            "not_before", "plan", "planned_at", "reserved_agent",
        ),
        *_notices(permits),
    )  # fmt: skip


def _notices(permits: Sequence[Permit]) -> list[list[Any]]:
    """In the order of `_OF_NOTICE`."""
    made = [permit.notice for permit in permits]
    return [
        [n and n.body for n in made], [n and n.begins for n in made], [n and n.until for n in made],
        [n and n.policy for n in made], [n and " ".join(n.subjects) for n in made],
        [n and n.completion_ref for n in made], [n and n.counts for n in made], [n and n.capped for n in made],
    ]  # fmt: skip


async def forget_notices(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> None:
    """What was made ahead for these callbacks no longer says how they stand: their release makes it anew."""
    await connection.execute(
        """
        UPDATE permit SET notice = NULL, notice_until = NULL, notice_policy = NULL
        WHERE callback_id = ANY ($1::text[]) AND notice IS NOT NULL
        """,
        callback_ids,
    )


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    due_at: datetime | None = await connection.fetchval("SELECT min(due_at) FROM permit WHERE state = 'pending'")
    return due_at


async def end(connection: asyncpg.Connection, attempts: Sequence[AttemptClosed]) -> set[tuple[str, int]]:
    """Ends the permits of these attempts; returns those that had no end before, so that each is followed up once."""
    rows = await connection.fetch(
        """
        UPDATE permit SET state = 'ended', ended_at = new.ended_at, attempt_id = new.attempt_id,
            disposition = new.disposition, not_attempted = new.not_attempted, started_at = new.started_at,
            link_until = new.link_until, agent = new.agent
        FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
            $8::timestamptz[], $9::text[])
            AS new (callback_id, permit_no, ended_at, attempt_id, disposition, not_attempted, started_at, link_until,
            agent)
        WHERE permit.callback_id = new.callback_id AND permit.permit_no = new.permit_no AND permit.disposition IS NULL
        RETURNING permit.callback_id, permit.permit_no
        """,
        *columns(
            attempts, "callback_id", "permit_no", "ended_at", "attempt_id", "disposition", "not_attempted",
            "started_at", "link_until", "agent",
        ),
    )  # fmt: skip
    return {(row["callback_id"], row["permit_no"]) for row in rows}


async def cancel(
    connection: asyncpg.Connection, permits: Sequence[tuple[str, int, str]], now: datetime
) -> list[tuple[str, int, str]]:
    """(callback_id, number, reason): a pending permit ends; a released one is marked and returned, to be told."""
    rows = await connection.fetch(
        """
        UPDATE permit SET cancelled = new.reason,
            ended_at = CASE WHEN state = 'pending' THEN $4::timestamptz END,
            state = CASE WHEN state = 'pending' THEN 'ended' ELSE state END
        FROM unnest($1::text[], $2::int[], $3::text[]) AS new (callback_id, permit_no, reason)
        WHERE permit.callback_id = new.callback_id AND permit.permit_no = new.permit_no
          AND permit.state <> 'ended' AND permit.cancelled IS NULL
        RETURNING permit.callback_id, permit.permit_no, permit.state, permit.cancelled
        """,
        *[[p[i] for p in permits] for i in range(3)],
        now,
    )
    return [(r["callback_id"], r["permit_no"], r["cancelled"]) for r in rows if r["state"] == "released"]


async def of_callbacks(connection: asyncpg.Connection, ids: Iterable[str]) -> dict[str, list[Permit]]:
    rows = await connection.fetch(
        """
        SELECT callback_id, permit_no, customer_ref, channel, channel_reason, due_at, urgency, skill, kind, not_before,
               last_start, planned_at, plan, reserved_agent, state, cancelled, disposition, not_attempted,
               link_until
        FROM permit WHERE callback_id = ANY ($1::text[]) ORDER BY callback_id, permit_no
        """,
        list(ids),
    )
    found: dict[str, list[Permit]] = {}
    for row in rows:
        found.setdefault(row["callback_id"], []).append(_permit(row))
    return found


def _permit(row: Mapping[str, Any]) -> Permit:
    fields: dict[str, Any] = dict(row)
    fields["channel"] = Channel(row["channel"])
    fields["channel_reason"] = ChannelReason(row["channel_reason"])
    fields["kind"] = PermitKind(row["kind"])
    fields["state"] = PermitState(row["state"])
    fields["disposition"] = Disposition(row["disposition"]) if row["disposition"] else None
    fields["not_attempted"] = NotAttempted(row["not_attempted"]) if row["not_attempted"] else None
    return Permit(**fields)
