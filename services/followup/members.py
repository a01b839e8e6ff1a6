"""The people of a department, as far as they can own its cases."""

import asyncpg

from chassis.access.accounts import list_accounts
from chassis.access.roles import Role
from services.followup.case import Actor


async def colleagues(connection: asyncpg.Connection, department: str) -> list[Actor]:
    """Who may own a case of this department."""
    accounts = await list_accounts(connection)
    return [
        Actor(account.login, account.name)
        for account in accounts
        if account.role is Role.DEPARTMENT and account.department == department and not account.disabled
    ]
