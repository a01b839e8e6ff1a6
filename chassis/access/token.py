"""Bearer tokens for machines; shown once when issued, stored as a hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.access.secret import digest, new_secret


class TokenRefused(Exception):
    """The token lacks what its role is bound to."""


@dataclass(frozen=True)
class IssuedToken:
    """What is known of a token; never the token itself."""

    token_id: UUID
    role: str
    source: str | None
    department: str | None
    label: str
    issued_at: datetime
    revoked_at: datetime | None


async def issue_token(
    connection: asyncpg.Connection,
    role: Role,
    source: str | None = None,
    department: str | None = None,
    label: str = "",
) -> str:
    """A token of role crm is bound to one source, one of role department to one department."""
    if role is Role.CRM and not source:
        raise TokenRefused("a token of role crm needs the source it speaks for")
    if role is Role.DEPARTMENT and not department:
        raise TokenRefused("a token of role department needs its department")
    secret = new_secret()
    await connection.execute(
        "SELECT staff.issue_token($1, $2, $3, $4, $5)", digest(secret), role.value, source, department, label
    )
    return secret


async def tokens(owner: asyncpg.Connection) -> Sequence[IssuedToken]:
    """All that were ever issued, the oldest first. Services cannot ask for them."""
    rows = await owner.fetch(
        """SELECT token_id, role, source, department, label, issued_at, revoked_at FROM staff.token
           ORDER BY issued_at, token_id"""
    )
    return [IssuedToken(**dict(row)) for row in rows]


async def revoke_token(connection: asyncpg.Connection, token_id: UUID) -> bool:
    """Refused from now on. False when there is no such token, or it was revoked before."""
    revoked: bool = await connection.fetchval("SELECT staff.revoke_token($1)", token_id)
    return revoked


async def person_of_token(connection: asyncpg.Connection, secret: str) -> Person | None:
    row = await connection.fetchrow(
        "SELECT token_id, role, source, department, label FROM staff.token_person($1)", digest(secret)
    )
    if row is None:
        return None
    name = row["label"] or row["source"] or row["department"] or row["role"]
    return Person(
        id=row["token_id"],
        login=f"token:{row['token_id']}",
        name=name,
        role=Role(row["role"]),
        department=row["department"],
        source=row["source"],
        by_token=True,
    )
