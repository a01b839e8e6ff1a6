"""Staff accounts, kept in schema `staff` behind its functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.access.passwords import hash_password
from chassis.access.roles import Role

SHORTEST_PASSWORD = 10


class AccountRefused(Exception):
    """The account cannot be kept as asked; `field` and `rule` say why, without the value."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


@dataclass(frozen=True)
class Account:
    id: UUID
    login: str
    name: str
    role: Role
    department: str | None
    skills: tuple[str, ...]
    language: str
    disabled: bool
    signed_in_at: datetime | None


async def create_account(
    connection: asyncpg.Connection,
    *,
    login: str,
    name: str,
    role: Role,
    password: str,
    department: str | None = None,
    skills: Sequence[str] = (),
    language: str = "zh-CN",
) -> UUID:
    """The new account's id. Raises AccountRefused when the login is taken or a rule is broken."""
    _check(login, name, role, password, department)
    hashed = await hash_password(password)
    try:
        account_id: UUID = await connection.fetchval(
            "SELECT staff.create_account($1, $2, $3, $4, $5, $6, $7)",
            login.strip().lower(),
            name.strip(),
            role.value,
            department,
            list(skills),
            language,
            hashed,
        )
    except asyncpg.UniqueViolationError as error:
        raise AccountRefused("login", "taken") from error
    return account_id


async def list_accounts(connection: asyncpg.Connection) -> list[Account]:
    rows = await connection.fetch(
        "SELECT account_id, login, name, role, department, skills, language, disabled, signed_in_at"
        " FROM staff.accounts()"
    )
    return [_account(row) for row in rows]


async def set_disabled(connection: asyncpg.Connection, account_id: UUID, *, disabled: bool) -> bool:
    """Disabling ends the account's sessions at once. False when there is no such account."""
    changed: bool = await connection.fetchval("SELECT staff.set_disabled($1, $2)", account_id, disabled)
    return changed


async def set_password(connection: asyncpg.Connection, account_id: UUID, password: str) -> bool:
    """A new password ends the account's sessions. False when there is no such account."""
    _check_password(password)
    hashed = await hash_password(password)
    changed: bool = await connection.fetchval("SELECT staff.set_password($1, $2)", account_id, hashed)
    return changed


def _check(login: str, name: str, role: Role, password: str, department: str | None) -> None:
    if not login.strip():
        raise AccountRefused("login", "required")
    if not name.strip():
        raise AccountRefused("name", "required")
    if role is Role.DEPARTMENT and not department:
        raise AccountRefused("department", "required")
    _check_password(password)


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused("password", "too_short")


def _account(row: asyncpg.Record) -> Account:
    return Account(
        id=row["account_id"],
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        department=row["department"],
        skills=tuple(row["skills"]),
        language=row["language"],
        disabled=row["disabled"],
        signed_in_at=row["signed_in_at"],
    )
