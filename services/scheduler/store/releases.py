"""Due permits and their release: found, cleared, told and written, each as one statement for all of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg

from chassis.transaction import Transaction
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Channel, Scenario
from services.scheduler.callback import PermitKind
from services.scheduler.capacity import hour_of
from services.scheduler.contact import subjects
from services.scheduler.house import BudgetRule
from services.scheduler.release import Due, Leave, Ripe

# `seen`, the row's own version, tells later whether what was read without locks still holds.
_DUE = """
WITH earliest AS MATERIALIZED (
    SELECT callback_id, permit_no, urgency FROM permit
    WHERE state = 'pending' AND due_at <= $1 ORDER BY due_at LIMIT $2::int + 1
), urgent AS (
    SELECT callback_id, permit_no, urgency FROM permit
    WHERE state = 'pending' AND due_at <= $1 AND (SELECT count(*) FROM earliest) > $2::int
    ORDER BY urgency LIMIT $2::int
), due AS MATERIALIZED (
    SELECT * FROM urgent UNION ALL
    SELECT * FROM earliest WHERE (SELECT count(*) FROM earliest) <= $2::int
)
SELECT p.callback_id, p.permit_no, p.customer_ref, p.channel, p.kind, p.skill, p.due_at, p.xmin AS seen, p.counts,
    CASE WHEN p.notice_policy = $3 THEN p.subjects END,
    CASE WHEN p.notice_policy IS DISTINCT FROM $3 THEN (
        SELECT ARRAY[c.phone_index, c.email_index] FROM callback AS b JOIN completion AS c USING (completion_ref)
        WHERE b.callback_id = p.callback_id
    ) END
FROM due JOIN permit AS p USING (callback_id, permit_no)
ORDER BY p.urgency, p.callback_id COLLATE "C"
"""
# What is sealed is letters, digits, "-", "_" and ".": nothing that JSON would have to escape.
_TOLD = """
SELECT p.customer_ref AS key, c.completion_ref AS correlation,
    '{"contact":"' || c.contact || '","context":"' || c.context || coalesce('","narrative":"' || c.narrative, '')
        || '",' || substr(p.notice, 2) AS payload
FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS told (callback_id, permit_no, nth)
    JOIN permit AS p USING (callback_id, permit_no) JOIN completion AS c ON c.completion_ref = p.notice_about
ORDER BY nth
"""


async def due(connection: asyncpg.Connection, now: datetime, limit: int, *, notices: str) -> list[Due]:
    """Pending permits whose time has come, the most urgent first, unlocked. `notices`: the mark of those that hold.

    What is read does not grow with what waits: the earliest ones, and only where there are more than `limit`, the most
    urgent of all."""
    return [_due(row) for row in await connection.fetch(_DUE, now, limit, notices)]


def _due(row: asyncpg.Record) -> Due:
    callback_id, number, customer, channel, kind, skill, due_at, seen, counts, noticed, contact = row
    if noticed is None:
        phone, email = contact
        noticed, counts = subjects(phone, email, customer), None
    return Due(callback_id, number, customer, channel, kind, skill, due_at, seen, noticed, counts)


async def clear(
    connection: asyncpg.Connection, permits: Sequence[Due], *, now: datetime, notices: str, budget: BudgetRule
) -> set[tuple[str, int]]:
    """Those of these noticed permits, each of another person, that break no rule of suppression, hours or budget.

    One of another version than was seen is not among them. Which wish holds a permit up is not looked at here."""
    rows = await connection.fetch(
        """
        SELECT callback_id, permit_no
        FROM unnest($1::text[], $2::int[], $3::xid[]) AS due (callback_id, permit_no, seen)
            JOIN permit AS p USING (callback_id, permit_no)
        WHERE p.xmin = due.seen AND p.notice_policy = $4 AND $5 BETWEEN p.notice_from AND p.notice_until
            AND NOT EXISTS (
                SELECT FROM suppression AS s WHERE s.subject = ANY (p.subjects) AND s.state = 'suppressed')
            AND NOT EXISTS (
                SELECT FROM suppression_wish AS w WHERE w.subject = ANY (p.subjects) AND w.applied_at IS NULL)
            AND (NOT p.capped OR (
                SELECT count(*) FROM budget AS b WHERE b.subject = p.subjects[1] AND b.counted_at > $6) < $7)
        """,
        *_places(permits),
        [one.seen for one in permits],
        notices,
        now,
        now - budget.span,
        budget.callbacks,
    )
    return {(callback_id, number) for callback_id, number in rows}


async def ripe(connection: asyncpg.Connection, permits: Sequence[Due], now: datetime, *, notices: str) -> list[Ripe]:
    """What decides about these permits, in their order; one that changed since it was seen is left out."""
    rows = await connection.fetch(
        """
        SELECT c.phone_index, c.email_index, p.customer_ref, p.callback_id, p.permit_no, b.scenario,
            b.zone, p.channel, p.kind, p.skill, p.last_start, b.counted_at IS NOT NULL, b.passes_budget,
            coalesce(p.notice_policy = $5 AND p.notice_until >= $4, false)
        FROM unnest($1::text[], $2::int[], $3::xid[]) WITH ORDINALITY AS due (callback_id, permit_no, seen, nth)
            JOIN permit AS p USING (callback_id, permit_no) JOIN callback AS b USING (callback_id)
            JOIN completion AS c ON c.completion_ref = b.completion_ref
        WHERE p.xmin = due.seen
        ORDER BY nth
        """,
        *_places(permits),
        [one.seen for one in permits],
        now,
        notices,
    )
    return [_ripe(row) for row in rows]


def _ripe(row: asyncpg.Record) -> Ripe:
    phone, email, customer, callback_id, number, scenario, zone, channel, kind, *others = row
    return Ripe(
        callback_id, number, subjects(phone, email, customer), Scenario(scenario), zone, Channel(channel),
        PermitKind(kind), *others,
    )  # fmt: skip


def _places(permits: Sequence[Due] | Sequence[Leave]) -> tuple[list[str], list[int]]:
    return [one.callback_id for one in permits], [one.permit_no for one in permits]


async def tell(tx: Transaction, permits: Sequence[Leave]) -> None:
    """A `callback-due` for each of these noticed permits; before their release, which forgets the notices."""
    await tx.emit_from(CallbackDue, _TOLD, *_places(permits))


async def release(
    connection: asyncpg.Connection, permits: Sequence[Leave], now: datetime, *, silence: timedelta, shifts: str
) -> None:
    """Permits, callbacks, budget and the calls of the hour. So long after the last lawful start silence becomes an
    explanation. `shifts`: the version of those by which they go."""
    await connection.execute(
        """
        WITH leave AS MATERIALIZED (
            SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::boolean[])
                AS leave (callback_id, permit_no, person, counts)
        ), released AS (
            UPDATE permit SET state = 'released', released_at = $5, shifts = $8, notice = NULL, notice_from = NULL,
                notice_until = NULL, notice_policy = NULL, subjects = NULL, notice_about = NULL
            FROM leave
            WHERE permit.callback_id = leave.callback_id AND permit.permit_no = leave.permit_no AND state = 'pending'
            RETURNING permit.callback_id, permit.last_start, permit.skill, permit.channel
        ), counted AS (
            INSERT INTO budget (subject, callback_id, counted_at) SELECT person, callback_id, $5 FROM leave WHERE counts
            ON CONFLICT DO NOTHING
        ), calls AS (
            INSERT INTO released_hour (skill, hour, calls)
            SELECT skill, $7, count(*) FROM released WHERE channel = 'phone' GROUP BY skill
            ON CONFLICT (skill, hour) DO UPDATE SET calls = released_hour.calls + excluded.calls
        )
        UPDATE callback SET counted_at = coalesce(counted_at, $5), closes_at = released.last_start + $6::interval
        FROM released WHERE callback.callback_id = released.callback_id
        """,
        *_places(permits),
        [one.person for one in permits],
        [one.counts for one in permits],
        now,
        silence,
        hour_of(now),
        shifts,
    )


async def calls_of_hour(connection: asyncpg.Connection, hour: datetime, skills: Iterable[str]) -> Counter[str]:
    """Telephone permits released in the hour that begins at `hour`, by skill; only those of these skills are read."""
    rows = await connection.fetch(
        "SELECT skill, calls FROM released_hour WHERE skill = ANY ($2::text[]) AND hour = $1", hour, list(skills)
    )
    return Counter({row["skill"]: row["calls"] for row in rows})
