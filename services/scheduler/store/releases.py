"""Permits that are ripe, and their release: rows, callbacks and what is told, each as one statement for all of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg

from chassis.transaction import Transaction
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Channel, Scenario
from services.scheduler.callback import PermitKind
from services.scheduler.contact import subjects
from services.scheduler.release import Ripe

# What is sealed is letters, digits, "-", "_" and ".": nothing that JSON would have to escape.
_TOLD = """
SELECT p.customer_ref AS key, c.completion_ref AS correlation,
    '{"contact":"' || c.contact || '","context":"' || c.context || coalesce('","narrative":"' || c.narrative, '')
        || '",' || substr(p.notice, 2) AS payload
FROM unnest($1::text[], $2::int[], $3::text[]) WITH ORDINALITY AS ripe (callback_id, permit_no, completion_ref, nth)
    JOIN permit AS p USING (callback_id, permit_no) JOIN completion AS c USING (completion_ref)
ORDER BY nth
"""


async def ripe(connection: asyncpg.Connection, permits: Sequence[tuple[str, int]], now: datetime) -> list[Ripe]:
    """Those of the permits (callback_id, number) that are still due, most urgent first; their customers are locked."""
    rows = await connection.fetch(
        """
        SELECT c.phone_index, c.email_index, p.customer_ref, p.callback_id, p.permit_no, b.completion_ref, b.scenario,
            b.zone, p.channel, p.kind, p.skill, p.due_at, p.last_start, b.counted_at IS NOT NULL, b.passes_budget,
            CASE WHEN p.notice_until >= $3 THEN p.notice_policy END
        FROM unnest($1::text[], $2::int[]) AS due (callback_id, permit_no)
            JOIN permit AS p USING (callback_id, permit_no) JOIN callback AS b USING (callback_id)
            JOIN completion AS c USING (completion_ref)
        WHERE p.state = 'pending' AND p.due_at <= $3
        ORDER BY p.urgency, p.callback_id COLLATE "C"
        """,
        [callback_id for callback_id, _ in permits],
        [number for _, number in permits],
        now,
    )
    return [_ripe(row) for row in rows]


def _ripe(row: asyncpg.Record) -> Ripe:
    phone, email, customer, callback_id, number, completion, scenario, zone, channel, kind, *others = row
    return Ripe(
        callback_id, number, completion, subjects(phone, email, customer), Scenario(scenario), zone, Channel(channel),
        PermitKind(kind), *others,
    )  # fmt: skip


async def tell(tx: Transaction, permits: Sequence[Ripe]) -> None:
    """A `callback-due` for each of these noticed permits; before their release, which forgets the notices."""
    await tx.emit_from(
        CallbackDue,
        _TOLD,
        [one.callback_id for one in permits],
        [one.permit_no for one in permits],
        [one.completion_ref for one in permits],
    )


async def release(connection: asyncpg.Connection, permits: Sequence[tuple[Ripe, datetime]], now: datetime) -> None:
    """(permit, when silence about it becomes an explanation). Counts the callback at its first permit."""
    ids = [one.callback_id for one, _ in permits]
    await connection.execute(
        """
        UPDATE permit SET state = 'released', released_at = $3, notice = NULL, notice_until = NULL, notice_policy = NULL
        FROM unnest($1::text[], $2::int[]) AS new (callback_id, permit_no)
        WHERE permit.callback_id = new.callback_id AND permit.permit_no = new.permit_no AND state = 'pending'
        """,
        ids,
        [one.permit_no for one, _ in permits],
        now,
    )
    await connection.execute(
        """
        UPDATE callback SET counted_at = coalesce(counted_at, $3), closes_at = new.closes_at
        FROM unnest($1::text[], $2::timestamptz[]) AS new (callback_id, closes_at)
        WHERE callback.callback_id = new.callback_id
        """,
        ids,
        [silent_until for _, silent_until in permits],
        now,
    )


async def calls_since(connection: asyncpg.Connection, since: datetime, skills: Iterable[str]) -> Counter[str]:
    """Telephone permits released since then, by skill; only those of these skills are read."""
    rows = await connection.fetch(
        """
        SELECT skill, count(*) AS n FROM permit
        WHERE skill = ANY ($2::text[]) AND released_at >= $1 AND channel = 'phone' GROUP BY skill
        """,
        since,
        list(skills),
    )
    return Counter({row["skill"]: row["n"] for row in rows})
