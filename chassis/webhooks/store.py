"""Subscriptions and deliveries in the tables of the service that announces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg

from chassis.transaction import Transaction

TEST = "test"
"""The kind of a message that somebody sent by hand."""


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Messages are written and wait."""
    ENDED = "ended"
    """The receiver is gone for good (410), or somebody took it back."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True)
class Announcement:
    """Something that happened, for those subscriptions of `owner` that ask for this kind."""

    owner: str
    kind: str
    subject: str


@dataclass(frozen=True)
class Subscription:
    subscription_id: str
    owner: str
    url: str
    kinds: tuple[str, ...]
    state: SubscriptionState
    secret_no: int
    created_by: str
    created_at: datetime
    failures: int
    next_try_at: datetime | None
    last_error: str | None


@dataclass(frozen=True)
class Delivery:
    position: int
    subscription_id: str
    message_id: str
    kind: str
    subject: str
    written_at: datetime
    state: DeliveryState
    due_since: datetime
    tries: int
    tried_at: datetime | None
    status: int | None
    error: str | None


_SUBSCRIPTION = """subscription_id, owner, url, kinds, state, secret_no, created_by, created_at, failures, next_try_at,
    last_error"""
_DELIVERY = """position, subscription_id, message_id, kind, subject, written_at, state, due_since, tries, tried_at,
    status, error"""


async def announce(tx: Transaction, announcements: Sequence[Announcement]) -> None:
    """Deliveries for whoever asked, committed together with what they tell of; in this order."""
    if not announcements:
        return
    await tx.connection.execute(
        """INSERT INTO webhook_delivery (subscription_id, kind, subject, written_at)
           SELECT subscription_id, told.kind, told.subject, $4
           FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS told (owner, kind, subject, place)
           JOIN webhook_subscription USING (owner)
           WHERE told.kind = ANY (kinds) AND webhook_subscription.state <> 'ended'
           ORDER BY place, subscription_id""",
        [one.owner for one in announcements],
        [one.kind for one in announcements],
        [one.subject for one in announcements],
        tx.now,
    )


async def subscribe(
    connection: asyncpg.Connection, subscription_id: str, *, owner: str, url: str, kinds: Sequence[str], by: str
) -> Subscription:
    row = await connection.fetchrow(
        f"""INSERT INTO webhook_subscription (subscription_id, owner, url, kinds, created_by)
            VALUES ($1, $2, $3, $4, $5) RETURNING {_SUBSCRIPTION}""",  # noqa: S608  own columns
        subscription_id, owner, url, list(kinds), by,
    )  # fmt: skip
    return _subscription(row)


async def subscriptions(connection: asyncpg.Connection, owner: str | None) -> list[Subscription]:
    """Of one owner, or (None) of all; oldest first."""
    rows = await connection.fetch(
        f"""SELECT {_SUBSCRIPTION} FROM webhook_subscription WHERE $1::text IS NULL OR owner = $1
            ORDER BY created_at, subscription_id""",  # noqa: S608  own columns
        owner,
    )
    return [_subscription(row) for row in rows]


async def subscription(connection: asyncpg.Connection, subscription_id: str, owner: str | None) -> Subscription | None:
    row = await connection.fetchrow(
        f"""SELECT {_SUBSCRIPTION} FROM webhook_subscription
            WHERE subscription_id = $1 AND ($2::text IS NULL OR owner = $2)""",  # noqa: S608  own columns
        subscription_id,
        owner,
    )
    return None if row is None else _subscription(row)


async def set_state(connection: asyncpg.Connection, subscription_id: str, state: SubscriptionState) -> None:
    """Whoever sets it also wants it tried at once."""
    await connection.execute(
        """UPDATE webhook_subscription SET state = $2, failures = 0, next_try_at = NULL
           WHERE subscription_id = $1 AND state <> 'ended'""",
        subscription_id,
        state,
    )


async def renew_secret(connection: asyncpg.Connection, subscription_id: str) -> int:
    number: int = await connection.fetchval(
        "UPDATE webhook_subscription SET secret_no = secret_no + 1 WHERE subscription_id = $1 RETURNING secret_no",
        subscription_id,
    )
    return number


async def replay(connection: asyncpg.Connection, subscription_id: str, since: datetime) -> int:
    """What was written from then on waits again, under its own ids. Returns how many messages that are."""
    rows = await connection.fetch(
        """UPDATE webhook_delivery SET state = 'waiting', due_since = clock_timestamp(), tries = 0
           WHERE subscription_id = $1 AND written_at >= $2 AND state <> 'waiting' AND kind <> 'test'
           RETURNING position""",
        subscription_id,
        since,
    )
    await connection.execute(
        "UPDATE webhook_subscription SET failures = 0, next_try_at = NULL WHERE subscription_id = $1", subscription_id
    )
    return len(rows)


async def deliveries(
    connection: asyncpg.Connection, subscription_id: str, *, state: DeliveryState | None, before: int | None, limit: int
) -> list[Delivery]:
    """Newest first, before a position already seen."""
    rows = await connection.fetch(
        f"""SELECT {_DELIVERY} FROM webhook_delivery
            WHERE subscription_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR position < $3)
            ORDER BY position DESC LIMIT $4""",  # noqa: S608  own columns
        subscription_id, state, before, limit,
    )  # fmt: skip
    return [delivery_from(row) for row in rows]


async def waiting(connection: asyncpg.Connection, subscription_id: str) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM webhook_delivery WHERE subscription_id = $1 AND state = 'waiting'", subscription_id
    )
    return count


async def record_test(
    connection: asyncpg.Connection, subscription_id: str, message_id: str, *, status: int | None, error: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """A message sent by hand stands in the log like any other."""
    await connection.execute(
        """INSERT INTO webhook_delivery (subscription_id, message_id, kind, subject, written_at, state, tries, tried_at,
               status, error)
           VALUES ($1, $2, 'test', '', $3, CASE WHEN $5::text IS NULL THEN 'delivered' ELSE 'given_up' END, 1,
               clock_timestamp(), $4, $5)""",
        subscription_id, message_id, now, status, error,
    )  # fmt: skip


async def drop_old(connection: asyncpg.Connection, kept: timedelta, limit: int) -> int:
    """Log entries of messages that have been settled so long."""
    rows = await connection.fetch(
        """DELETE FROM webhook_delivery WHERE position IN (
               SELECT position FROM webhook_delivery
               WHERE state <> 'waiting' AND tried_at < clock_timestamp() - $1::interval ORDER BY tried_at LIMIT $2)
           RETURNING position""",
        kept,
        limit,
    )
    return len(rows)


def delivery_from(row: asyncpg.Record) -> Delivery:
    names = _DELIVERY.replace("\n", " ").replace(" ", "").split(",")
    return Delivery(**{**{name: row[name] for name in names}, "state": DeliveryState(row["state"])})


def _subscription(row: asyncpg.Record) -> Subscription:
    told = {**dict(row), "kinds": tuple(row["kinds"]), "state": SubscriptionState(row["state"])}
    return Subscription(**told)
