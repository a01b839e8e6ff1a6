"""Bearer tokens for machines."""

from pathlib import Path

import asyncpg

from chassis.access.roles import Role
from chassis.access.token import TokenRefused, issue_token
from launcher.addresses import settings_of
from launcher.faults import StartError


async def token(role: str, *, data: Path | None, source: str | None, department: str | None) -> str:
    """A new token; shown this once, stored as a hash."""
    settings = settings_of(data)
    if role not in list(Role):
        raise StartError(f"There is no role {role}; there are {', '.join(Role)}.")
    try:
        owner = await asyncpg.connect(settings.database_url, timeout=10)
    except (OSError, TimeoutError) as error:
        raise StartError(
            f"The database of {data or 'AFTERCALL_DATABASE_URL'} does not answer: start it first."
        ) from error
    try:
        return await issue_token(owner, Role(role), source, department, label="command line")
    except TokenRefused as error:
        raise StartError(f"{str(error).capitalize()}: name it with --source or --department.") from error
    finally:
        await owner.close()
