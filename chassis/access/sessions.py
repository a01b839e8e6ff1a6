"""Sign-in and sessions. Times are the database machine's clock; the cookie is opaque, only its hash is stored."""

from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from chassis.access.passwords import matches
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.access.secret import digest, new_secret

IDLE = timedelta(hours=2)  # longer than any call with its wrap-up
ABSOLUTE = timedelta(hours=12)  # a shift


@dataclass(frozen=True)
class SignedIn:
    secret: str


@dataclass(frozen=True)
class Refused:
    """Wrong login, wrong password and a disabled account look the same."""


@dataclass(frozen=True)
class Throttled:
    retry_after: timedelta


async def sign_in(
    connection: asyncpg.Connection, login: str, password: str, *, address: str
) -> SignedIn | Refused | Throttled:
    """Every attempt is stored before the password is looked at, so parallel guesses are counted too."""
    key = login.strip().lower()
    row = await connection.fetchrow(
        "SELECT account_id, password_hash, retry_after FROM staff.begin_sign_in($1, $2, $3)", key, digest(key), address
    )
    if row["retry_after"] is not None:
        return Throttled(retry_after=row["retry_after"])
    if not await matches(row["password_hash"], password):
        return Refused()
    secret = new_secret()
    await connection.execute(
        "SELECT staff.open_session($1, $2, $3, $4)", row["account_id"], digest(secret), digest(key), address
    )
    return SignedIn(secret=secret)


async def person_of_session(connection: asyncpg.Connection, secret: str) -> Person | None:
    """None when the session is unknown, idle for too long, too old, or the account is disabled."""
    row = await connection.fetchrow(
        "SELECT account_id, login, name, role, department, skills, language FROM staff.session_person($1, $2, $3)",
        digest(secret),
        IDLE,
        ABSOLUTE,
    )
    if row is None:
        return None
    return Person(
        id=row["account_id"],
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        department=row["department"],
        skills=tuple(row["skills"]),
        language=row["language"],
    )


async def sign_out(connection: asyncpg.Connection, secret: str) -> None:
    await connection.execute("SELECT staff.close_session($1)", digest(secret))
