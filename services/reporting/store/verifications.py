"""Answers that somebody shall ask the customer about once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.reporting.store.columns import columns


@dataclass(frozen=True)
class Wanted:
    """A wish for a verification callback. Revision 1 asks, 2 withdraws."""

    response_id: str
    request_id: str
    customer_ref: str
    completion_ref: str
    revision: int
    deadline: datetime


async def ask(connection: asyncpg.Connection, wanted: Sequence[Wanted], now: datetime) -> list[Wanted]:
    """Those asked for now; the others were before."""
    rows = await connection.fetch(
        """
        INSERT INTO verification_request (response_id, request_id, customer_ref, completion_ref, revision, deadline,
            requested_at)
        SELECT told.*, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::timestamptz[])
            AS told
        ON CONFLICT (response_id) DO NOTHING RETURNING response_id
        """,
        *columns(wanted, "response_id request_id customer_ref completion_ref revision deadline"),
        now,
    )
    fresh = {row["response_id"] for row in rows}
    return [one for one in wanted if one.response_id in fresh]


async def withdraw(connection: asyncpg.Connection, response_ids: Sequence[str]) -> list[Wanted]:
    """Of these, the wishes that were open until now, with their new revision."""
    rows = await connection.fetch(
        """
        UPDATE verification_request SET revision = 2
        WHERE response_id = ANY ($1::text[]) AND revision = 1
        RETURNING response_id, request_id, customer_ref, completion_ref, revision, deadline
        """,
        list(response_ids),
    )
    return sorted((Wanted(**row) for row in rows), key=lambda one: one.response_id)
