"""Links to the online questionnaire, by the hash of their code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.survey.links import WRONG_TRIES, LinkState
from services.survey.permits import Permit


@dataclass(frozen=True)
class Link:
    code_hash: str
    callback_id: str
    permit_no: int
    customer_ref: str
    state: LinkState
    expires_at: datetime
    wrong_tries: int

    def state_at(self, now: datetime) -> LinkState:
        """A link is dead from its expiry on, also before the timer has seen it."""
        past = self.state in (LinkState.LIVE, LinkState.LOCKED) and self.expires_at <= now
        return LinkState.EXPIRED if past else self.state


# Its state under a name of its own: a permit has one too.
LINK_COLUMNS = "link.code_hash, link.state AS link_state, link.expires_at, link.wrong_tries"


def link_from(row: asyncpg.Record) -> Link:
    """From a row with the columns of its permit besides."""
    return Link(
        code_hash=row["code_hash"],
        callback_id=row["callback_id"],
        permit_no=row["permit_no"],
        customer_ref=row["customer_ref"],
        state=LinkState(row["link_state"]),
        expires_at=row["expires_at"],
        wrong_tries=row["wrong_tries"],
    )


async def prepare(connection: asyncpg.Connection, permit: Permit, code_hash: str, expires_at: datetime) -> None:
    """Before the message goes out: whoever reads it at once must find the link. Sending again moves the expiry."""
    await connection.execute(
        """INSERT INTO link (code_hash, callback_id, permit_no, customer_ref, phone_index, email_index, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (code_hash) DO UPDATE SET expires_at = excluded.expires_at WHERE link.state = 'live'""",
        code_hash,
        permit.callback.callback_id,
        permit.permit_no,
        permit.callback.customer_ref,
        permit.phone_index,
        permit.email_index,
        expires_at,
    )


async def wrong_try(connection: asyncpg.Connection, code_hash: str) -> LinkState:
    """Counts a wrong proof of identity; the third one locks."""
    state: str = await connection.fetchval(
        """UPDATE link SET wrong_tries = wrong_tries + 1,
               state = CASE WHEN wrong_tries + 1 >= $2 AND state = 'live' THEN 'locked' ELSE state END
           WHERE code_hash = $1 RETURNING state""",
        code_hash,
        WRONG_TRIES,
    )
    return LinkState(state)


async def use_all(connection: asyncpg.Connection, callback_ids: Iterable[str]) -> None:
    """The interview is over: every link of the callback has been used."""
    await _end(connection, LinkState.USED, "callback_id = ANY ($2)", list(callback_ids))


async def stop_of_permits(connection: asyncpg.Connection, callback_ids: Sequence[str], permits: Sequence[int]) -> None:
    await connection.execute(
        """UPDATE link SET state = 'stopped' FROM unnest($1::text[], $2::integer[]) AS ended (callback_id, permit_no)
           WHERE (link.callback_id, link.permit_no) = (ended.callback_id, ended.permit_no)
             AND state IN ('live', 'locked')""",
        callback_ids,
        permits,
    )


async def stop_of_callbacks(connection: asyncpg.Connection, callback_ids: Sequence[str]) -> None:
    await _end(connection, LinkState.STOPPED, "callback_id = ANY ($2)", callback_ids)


async def stop_of_customers(connection: asyncpg.Connection, customers: Sequence[str]) -> None:
    await _end(connection, LinkState.STOPPED, "customer_ref = ANY ($2)", customers)


async def stop_at(connection: asyncpg.Connection, indexes: Sequence[str], channels: Sequence[str]) -> None:
    """Links that went to these numbers and addresses by one of these channels."""
    await connection.execute(
        """UPDATE link SET state = 'stopped' FROM permit
           WHERE (permit.callback_id, permit.permit_no) = (link.callback_id, link.permit_no)
             AND (link.phone_index = ANY ($1) OR link.email_index = ANY ($1)) AND permit.channel = ANY ($2)
             AND link.state IN ('live', 'locked')""",
        indexes,
        channels,
    )


async def past_expiry(connection: asyncpg.Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Code hashes with their customers."""
    rows = await connection.fetch(
        """SELECT code_hash, customer_ref FROM link WHERE state IN ('live', 'locked') AND expires_at <= $1
           ORDER BY expires_at LIMIT $2""",
        now,
        limit,
    )
    return [(row["code_hash"], row["customer_ref"]) for row in rows]


async def expire(connection: asyncpg.Connection, code_hashes: Sequence[str], now: datetime) -> list[str]:
    """Returns the callbacks whose link has expired just now."""
    rows = await connection.fetch(
        """UPDATE link SET state = 'expired'
           WHERE code_hash = ANY ($1) AND state IN ('live', 'locked') AND expires_at <= $2 RETURNING callback_id""",
        code_hashes,
        now,
    )
    return sorted({row["callback_id"] for row in rows})


async def next_expiry(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval(
        "SELECT min(expires_at) FROM link WHERE state IN ('live', 'locked')"
    )
    return instant


async def _end(connection: asyncpg.Connection, state: LinkState, whose: str, values: Sequence[str]) -> None:
    if not values:
        return
    await connection.execute(
        f"UPDATE link SET state = $1 WHERE {whose} AND state IN ('live', 'locked')",  # noqa: S608  our own words
        state,
        values,
    )
