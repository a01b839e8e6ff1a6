"""How each department, the supervisors and the management are served."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from chassis.rows import columns, loaded


class Assignment(StrEnum):
    MANUAL = "manual"
    ROUND_ROBIN = "round_robin"


@dataclass(frozen=True)
class HouseSetting:
    """`scope`: a department, or who else is written to. `mail_at`: when its periodic letter is due next."""

    scope: str
    assignment: Assignment
    last_assigned: str | None
    addresses: tuple[str, ...]
    mail_at: datetime | None
    changed_at: datetime | None
    changed_by: str | None


_SETTING = columns(HouseSetting)


async def settings(connection: asyncpg.Connection) -> dict[str, HouseSetting]:
    """By scope; one that nobody has set is not there."""
    rows = await connection.fetch(f"SELECT {_SETTING} FROM house_setting ORDER BY scope")  # noqa: S608
    return {one.scope: one for one in loaded(HouseSetting, rows)}


async def rotas(connection: asyncpg.Connection, departments: Iterable[str]) -> dict[str, str | None]:
    """Departments whose cases are dealt out in turn, with who had the last one; held until the transaction ends."""
    rows = await connection.fetch(
        """
        SELECT scope, last_assigned FROM house_setting
        WHERE scope = ANY ($1::text[]) AND assignment = 'round_robin' ORDER BY scope FOR UPDATE
        """,
        list(departments),
    )
    return {row["scope"]: row["last_assigned"] for row in rows}


async def had_a_turn(connection: asyncpg.Connection, department: str, login: str) -> None:
    await connection.execute("UPDATE house_setting SET last_assigned = $2 WHERE scope = $1", department, login)


async def put(
    connection: asyncpg.Connection,
    scope: str,
    *,
    assignment: Assignment,
    addresses: Iterable[str],
    mail_at: datetime | None,
    by: str,
    now: datetime,
) -> None:
    await connection.execute(
        """
        INSERT INTO house_setting (scope, assignment, addresses, mail_at, changed_at, changed_by)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (scope) DO UPDATE SET assignment = excluded.assignment, addresses = excluded.addresses,
            mail_at = excluded.mail_at, changed_at = excluded.changed_at, changed_by = excluded.changed_by
        """,
        scope,
        assignment,
        list(addresses),
        mail_at,
        now,
        by,
    )


async def due_for_mail(connection: asyncpg.Connection, now: datetime) -> list[HouseSetting]:
    """Those whose periodic letter is due, held until the transaction ends; others take what is left."""
    rows = await connection.fetch(
        f"""
        SELECT {_SETTING} FROM house_setting WHERE mail_at <= $1 ORDER BY scope FOR UPDATE SKIP LOCKED
        """,  # noqa: S608
        now,
    )
    return loaded(HouseSetting, rows)


async def put_mail_at(connection: asyncpg.Connection, scope: str, mail_at: datetime) -> None:
    await connection.execute("UPDATE house_setting SET mail_at = $2 WHERE scope = $1", scope, mail_at)


async def next_mail(connection: asyncpg.Connection) -> datetime | None:
    at: datetime | None = await connection.fetchval("SELECT min(mail_at) FROM house_setting")
    return at
