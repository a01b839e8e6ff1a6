"""The first account of a new stack: somebody must be able to sign in and make the others."""

import json
import secrets
from pathlib import Path

import asyncpg

from chassis.access.accounts import create_account, list_accounts
from chassis.access.roles import Role
from chassis.embedded.secrets import write_private

FIRST_LOGIN = "admin"
FIRST_ACCOUNT = "first-account.json"


async def ensure_first_account(owner: asyncpg.Connection, data: Path | None) -> None:
    """On a database without accounts: an administrator, whose random password is in `<data>/first-account.json`."""
    if data is None or await list_accounts(owner):
        return
    password = secrets.token_urlsafe(12)
    write_private(data / FIRST_ACCOUNT, json.dumps({"login": FIRST_LOGIN, "password": password}) + "\n")
    await create_account(owner, login=FIRST_LOGIN, name="管理员", role=Role.ADMIN, password=password)
