"""Rating calls by keypad: their rows, their keys, and the permits that wait for one."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.survey.permits import Permit
from services.survey.store.permits import Key
from services.survey.store.rows import PERMIT_COLUMNS, PERMIT_TABLES, permit_from


@dataclass(frozen=True)
class NewCall:
    callback_id: str
    permit_no: int
    customer_ref: str
    channel_id: str
    exchange: str
    incoming: bool
    language: str
    dialled_at: datetime
    lost_at: datetime


@dataclass(frozen=True)
class RatingCall:
    """`tune_begun_at`: a tune was started in it; whether it was heard is said by `tune_end`."""

    callback_id: str
    permit_no: int
    customer_ref: str
    channel_id: str
    language: str
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    tune: str | None
    tune_pilot: str | None
    tune_begun_at: datetime | None
    tune_end: str | None
    after_tune: str | None
    agent_answered_at: datetime | None
    presses: int

    @property
    def key(self) -> Key:
        return self.callback_id, self.permit_no


_CALL = """callback_id, permit_no, customer_ref, channel_id, language, dialled_at, answered_at, ended_at, tune,
    tune_pilot, tune_begun_at, tune_end, after_tune, agent_answered_at,
    (SELECT coalesce(max(number), 0) FROM key_press AS press
     WHERE press.callback_id = rating_call.callback_id AND press.permit_no = rating_call.permit_no) AS presses"""


_OPEN_AT = "exchange = $1 AND ended_at IS NULL"


async def waiting(connection: asyncpg.Connection, now: datetime, limit: int) -> list[Permit]:
    """Permits for a call by keypad that may start now, the most urgent first."""
    rows = await connection.fetch(
        f"""SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES}
            WHERE permit.state = 'open' AND permit.channel = 'ivr' AND permit.starts @> $1::timestamptz
            ORDER BY permit.priority, permit.not_after LIMIT $2""",  # noqa: S608  own columns
        now,
        limit,
    )
    return [permit_from(row) for row in rows]


async def at_number(connection: asyncpg.Connection, phone_index: str, now: datetime) -> Permit | None:
    """The most urgent permit for a call by keypad at this number that may start now."""
    row = await connection.fetchrow(
        f"""SELECT {PERMIT_COLUMNS} FROM {PERMIT_TABLES}
            WHERE permit.state = 'open' AND permit.channel = 'ivr' AND permit.starts @> $2::timestamptz
              AND permit.phone_index = $1 ORDER BY permit.priority, permit.not_after LIMIT 1""",  # noqa: S608
        phone_index,
        now,
    )
    return None if row is None else permit_from(row)


async def insert(connection: asyncpg.Connection, call: NewCall) -> bool:
    """False when this permit has its call already."""
    found = await connection.fetchval(
        """INSERT INTO rating_call (callback_id, permit_no, customer_ref, channel_id, exchange, incoming, language,
               dialled_at, lost_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING true""",
        call.callback_id, call.permit_no, call.customer_ref, call.channel_id, call.exchange, call.incoming,
        call.language, call.dialled_at, call.lost_at,
    )  # fmt: skip
    return found is not None


async def call_of(connection: asyncpg.Connection, key: Key) -> RatingCall | None:
    row = await connection.fetchrow(
        f"SELECT {_CALL} FROM rating_call WHERE callback_id = $1 AND permit_no = $2",  # noqa: S608  own columns
        *key,
    )
    return None if row is None else RatingCall(**dict(row))


async def open_at(connection: asyncpg.Connection, exchange: str) -> list[RatingCall]:
    """Calls of this exchange of which nobody told the end."""
    rows = await connection.fetch(
        f"SELECT {_CALL} FROM rating_call WHERE {_OPEN_AT}",  # noqa: S608  own columns
        exchange,
    )
    return [RatingCall(**dict(row)) for row in rows]


async def count_open_at(connection: asyncpg.Connection, exchange: str) -> int:
    """How many `open_at` finds."""
    count: int = await connection.fetchval(f"SELECT count(*) FROM rating_call WHERE {_OPEN_AT}", exchange)  # noqa: S608
    return count


async def lost(connection: asyncpg.Connection, now: datetime, limit: int) -> list[RatingCall]:
    rows = await connection.fetch(
        f"""SELECT {_CALL} FROM rating_call WHERE ended_at IS NULL AND lost_at <= $1
            ORDER BY lost_at LIMIT $2""",  # noqa: S608  own columns
        now,
        limit,
    )
    return [RatingCall(**dict(row)) for row in rows]


async def next_lost(connection: asyncpg.Connection) -> datetime | None:
    instant: datetime | None = await connection.fetchval("SELECT min(lost_at) FROM rating_call WHERE ended_at IS NULL")
    return instant


async def note(connection: asyncpg.Connection, key: Key, moment: str, at: datetime) -> None:
    """`moment`: answered, agent_called or agent_answered; the first time stays."""
    column = {name: f"{name}_at" for name in ("answered", "agent_called", "agent_answered")}[moment]
    await connection.execute(
        f"""UPDATE rating_call SET {column} = $3
            WHERE callback_id = $1 AND permit_no = $2 AND {column} IS NULL""",  # noqa: S608  three own words
        *key,
        at,
    )


async def insert_press(
    connection: asyncpg.Connection, key: Key, number: int, *, customer_ref: str, sealed: str, at: datetime
) -> None:
    await connection.execute(
        """INSERT INTO key_press (callback_id, permit_no, number, customer_ref, sealed, pressed_at)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING""",
        *key,
        number,
        customer_ref,
        sealed,
        at,
    )


async def begin_tune(connection: asyncpg.Connection, key: Key, tune: str, *, pilot: str | None, at: datetime) -> bool:
    """False when a tune was begun in this call before: no second one is played."""
    found = await connection.fetchval(
        """UPDATE rating_call SET tune = $3, tune_pilot = $4, tune_begun_at = $5
           WHERE callback_id = $1 AND permit_no = $2 AND tune_begun_at IS NULL RETURNING true""",
        *key,
        tune,
        pilot,
        at,
    )
    return found is not None


async def end_tune(connection: asyncpg.Connection, key: Key, how: str, at: datetime) -> None:
    await connection.execute(
        """UPDATE rating_call SET tune_end = $3, tune_ended_at = $4
           WHERE callback_id = $1 AND permit_no = $2 AND tune_begun_at IS NOT NULL AND tune_end IS NULL""",
        *key,
        how,
        at,
    )


async def finish(
    connection: asyncpg.Connection, key: Key, *, at: datetime, cause: int | None, after: str | None
) -> bool:
    """False when its end was told before. A tune of which nobody told the end is `lost`."""
    found = await connection.fetchval(
        """UPDATE rating_call SET ended_at = $3, cause = $4, after_tune = $5,
               tune_end = CASE WHEN tune_begun_at IS NULL THEN NULL ELSE coalesce(tune_end, 'lost') END
           WHERE callback_id = $1 AND permit_no = $2 AND ended_at IS NULL RETURNING true""",
        *key,
        at,
        cause,
        after,
    )
    return found is not None
