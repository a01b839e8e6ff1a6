"""What is known of contacts with a customer: attempts, requested callbacks, how they ended, suppressions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.rows import as_json, columns, insert, loaded, replacing
from contracts.events.scheduler import ContactSuppressed
from contracts.vocabulary import Explanation
from services.followup.contact import Attempt, Ended
from services.followup.requests import Request

_REACHED = (Explanation.COMPLETE, Explanation.PARTIAL, Explanation.BREAK_OFF)
"""Ends of callbacks whose customer was reached: the attempt that did it tells so by itself."""
_ATTEMPT = columns(Attempt)
_REQUEST = columns(Request)
_ADD_ATTEMPTS = insert(Attempt, "contact_attempt") + "ON CONFLICT (attempt_id) DO NOTHING RETURNING attempt_id"
_PUT_REQUESTS = (
    insert(Request, "progress_request")
    + replacing(Request, "request_id")
    + " WHERE excluded.revision > progress_request.revision RETURNING request_id"
)


@dataclass(frozen=True)
class PartEnd:
    """How the callback of one progress part ended."""

    callback_id: str
    part_id: str
    request_id: str | None
    case_id: str | None
    promise_id: str | None
    suggestion_id: str | None
    customer_ref: str
    explanation: Explanation
    closed_at: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of telling an author: when they were reached first; else how the last callback about it ended."""

    item_id: str
    told_at: datetime | None
    missed: Explanation | None


_ADD_ENDS = insert(PartEnd, "callback_end") + "ON CONFLICT (callback_id, part_id) DO NOTHING"


async def add_attempts(connection: asyncpg.Connection, attempts: Sequence[Attempt]) -> set[str]:
    if not attempts:
        return set()
    rows = await connection.fetch(_ADD_ATTEMPTS, as_json({a.attempt_id: a for a in attempts}.values()))
    return {row["attempt_id"] for row in rows}


async def attempts_of(
    connection: asyncpg.Connection, refs: Iterable[str], since: datetime | None = None
) -> list[Attempt]:
    """Of these customers, oldest first."""
    rows = await connection.fetch(
        f"""
        SELECT {_ATTEMPT} FROM contact_attempt
        WHERE customer_ref = ANY ($1::text[]) AND ($2::timestamptz IS NULL OR ended_at >= $2) ORDER BY ended_at
        """,  # noqa: S608
        list(refs),
        since,
    )
    return loaded(Attempt, rows)


async def add_ends(connection: asyncpg.Connection, ends: Sequence[PartEnd]) -> None:
    if ends:
        await connection.execute(_ADD_ENDS, as_json({(e.callback_id, e.part_id): e for e in ends}.values()))


async def ends_of_case(connection: asyncpg.Connection, case_id: str) -> list[Ended]:
    """With the time of the request that each answered; one whose request is not named answers the latest before it."""
    rows = await connection.fetch(
        """
        SELECT callback_id, callback_end.case_id, explanation, closed_at, request.requested_at
        FROM callback_end
        LEFT JOIN LATERAL (
            SELECT requested_at FROM progress_request
            WHERE progress_request.case_id = callback_end.case_id AND requested_at <= callback_end.closed_at
              AND (callback_end.request_id IS NULL OR progress_request.request_id = callback_end.request_id)
            ORDER BY requested_at DESC LIMIT 1
        ) AS request ON true
        WHERE callback_end.case_id = $1 ORDER BY closed_at
        """,
        case_id,
    )
    return loaded(Ended, rows)


async def put_requests(connection: asyncpg.Connection, requests: Sequence[Request]) -> set[str]:
    """Ids of those that are new or newer; a repeated one changes nothing."""
    rows = await connection.fetch(_PUT_REQUESTS, as_json({r.request_id: r for r in requests}.values()))
    return {row["request_id"] for row in rows}


async def requests_of_suggestions(connection: asyncpg.Connection, ids: Iterable[str]) -> dict[str, Request]:
    """The last one of each."""
    rows = await connection.fetch(
        f"SELECT {_REQUEST} FROM progress_request WHERE suggestion_id = ANY ($1::text[]) ORDER BY requested_at",  # noqa: S608
        list(ids),
    )
    return {one.suggestion_id: one for one in loaded(Request, rows) if one.suggestion_id}


async def outcomes_of_suggestions(connection: asyncpg.Connection, ids: Iterable[str]) -> dict[str, Outcome]:
    """By item; one whose author is still to be contacted is left out."""
    rows = await connection.fetch(
        """
        SELECT item.item_id, told.at AS told_at, CASE WHEN told.at IS NULL THEN ended.explanation END AS missed
        FROM item
        LEFT JOIN LATERAL (
            SELECT min(coalesce(connected_at, ended_at)) AS at FROM contact_attempt
            WHERE contact_attempt.customer_ref = item.customer_ref AND reached
              AND contact_attempt.about @> jsonb_build_array(jsonb_build_object('suggestion_id', item.item_id))
        ) AS told ON true
        LEFT JOIN LATERAL (
            SELECT explanation FROM callback_end
            WHERE callback_end.suggestion_id = item.item_id AND explanation <> ALL ($2::text[])
            ORDER BY closed_at DESC LIMIT 1
        ) AS ended ON true
        WHERE item.item_id = ANY ($1::text[]) AND (told.at IS NOT NULL OR ended.explanation IS NOT NULL)
        """,
        list(ids),
        [*_REACHED, Explanation.WITHDRAWN],
    )
    return {one.item_id: one for one in loaded(Outcome, rows)}


async def open_requests_of_cases(connection: asyncpg.Connection, case_ids: Iterable[str]) -> list[Request]:
    """Not withdrawn, and no callback that answered them has ended."""
    rows = await connection.fetch(
        f"""
        SELECT {_REQUEST} FROM progress_request AS request
        WHERE case_id = ANY ($1::text[]) AND state = 'open' AND NOT EXISTS (
            SELECT FROM callback_end
            WHERE callback_end.request_id = request.request_id
               OR (callback_end.request_id IS NULL AND callback_end.case_id = request.case_id
                   AND callback_end.closed_at >= request.requested_at))
        ORDER BY requested_at
        """,  # noqa: S608
        list(case_ids),
    )
    return loaded(Request, rows)


async def put_suppressions(connection: asyncpg.Connection, events: Sequence[ContactSuppressed]) -> None:
    await connection.execute(
        """
        INSERT INTO suppression (customer_ref, index_key, scope, state, sequence, since)
        SELECT DISTINCT ON (customer_ref, index_key, scope) customer_ref, index_key, scope, state, sequence, since
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
            AS given (customer_ref, index_key, scope, state, sequence, since)
        ORDER BY customer_ref, index_key, scope, sequence DESC
        ON CONFLICT (customer_ref, index_key, scope) DO UPDATE SET
            state = excluded.state, sequence = excluded.sequence, since = excluded.since
        WHERE excluded.sequence > suppression.sequence
        """,
        [e.customer_ref for e in events],
        [e.phone_index or e.email_index or "" for e in events],
        [e.scope for e in events],
        [e.state for e in events],
        [e.sequence for e in events],
        [e.since for e in events],
    )


async def suppressed_since(connection: asyncpg.Connection, customer_ref: str) -> datetime | None:
    """Since when the customer wants no contact on every channel; None: may be contacted."""
    at: datetime | None = await connection.fetchval(
        "SELECT min(since) FROM suppression WHERE customer_ref = $1 AND scope = 'all' AND state = 'suppressed'",
        customer_ref,
    )
    return at
