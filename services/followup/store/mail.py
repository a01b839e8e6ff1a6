"""Letters to departments on their way to the mail server."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from chassis.rows import as_json, columns, insert, loaded
from services.followup.letters import Letter, LetterState

STUCK = timedelta(minutes=2)  # four times the SMTP timeout: whoever had it in hand is gone
_LETTER = columns(Letter)
_ADD = insert(Letter, "mail") + "ON CONFLICT (mail_id) DO NOTHING"


async def add(connection: asyncpg.Connection, letters: Sequence[Letter]) -> None:
    """A letter that is known already changes nothing."""
    await connection.execute(_ADD, as_json(letters))


async def take(connection: asyncpg.Connection, now: datetime, limit: int) -> list[Letter]:
    """Due letters into hand, and those whose sender died with them; nobody else gets them meanwhile."""
    rows = await connection.fetch(
        f"""
        UPDATE mail SET state = 'sending', sending_since = clock_timestamp(), tries = tries + 1
        WHERE mail_id IN (
            SELECT mail_id FROM mail
            WHERE (state = 'ready' AND due_at <= $1)
               OR (state = 'sending' AND sending_since < clock_timestamp() - $2::interval)
            ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
        RETURNING {_LETTER}
        """,  # noqa: S608
        now,
        STUCK,
        limit,
    )
    return loaded(Letter, rows)


async def put_back(connection: asyncpg.Connection, mail_id: str, due_at: datetime, why: str | None) -> None:
    await connection.execute(
        """
        UPDATE mail SET state = 'ready', sending_since = NULL, due_at = $2, outcome = $3
        WHERE mail_id = $1 AND state = 'sending'
        """,
        mail_id,
        due_at,
        why,
    )


async def finish(
    connection: asyncpg.Connection, mail_id: str, state: LetterState, why: str | None, now: datetime
) -> None:
    await connection.execute(
        """
        UPDATE mail SET state = $2, sending_since = NULL, outcome = $3, ended_at = $4
        WHERE mail_id = $1 AND state = 'sending'
        """,
        mail_id,
        state,
        why,
        now,
    )


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    at: datetime | None = await connection.fetchval("SELECT min(due_at) FROM mail WHERE state = 'ready'")
    return at


async def latest(connection: asyncpg.Connection, limit: int = 50) -> list[Letter]:
    """The newest first."""
    rows = await connection.fetch(
        f"SELECT {_LETTER} FROM mail ORDER BY made_at DESC, mail_id LIMIT $1",  # noqa: S608
        limit,
    )
    return loaded(Letter, rows)
