"""Bearer tokens for machines: issued, listed, revoked."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg

from chassis.access.roles import Role
from chassis.access.token import IssuedToken, TokenRefused, issue_token, revoke_token, tokens
from launcher.addresses import settings_of
from launcher.faults import StartError


async def issue(role: str, *, data: Path | None, source: str | None, department: str | None) -> str:
    """A new token; shown this once, stored as a hash."""
    if role not in list(Role):
        raise StartError(f"There is no role {role}; there are {', '.join(Role)}.")
    async with _owner(data) as owner:
        try:
            return await issue_token(owner, Role(role), source, department, label="command line")
        except TokenRefused as error:
            raise StartError(f"{str(error).capitalize()}: name it with --source or --department.") from error


async def listed(data: Path | None) -> list[str]:
    """A line for each token that was ever issued: id, whose, since when, and until when it was taken."""
    async with _owner(data) as owner:
        found = await tokens(owner)
    return _lines(found)


async def revoke(token_id: str, *, data: Path | None) -> str:
    """What was done, in a sentence. Every service refuses the token from now on."""
    try:
        known = UUID(token_id)
    except ValueError as error:
        raise StartError(f"{token_id} is no id of a token: `aftercall tokens` lists them.") from error
    async with _owner(data) as owner:
        if not await revoke_token(owner, known):
            raise StartError(f"There is no token {known} that is still taken: `aftercall tokens` lists them.")
    return f"{known} is refused from now on."


def _lines(found: Sequence[IssuedToken]) -> list[str]:
    return [
        "  ".join(
            (
                str(one.token_id),
                " ".join(filter(None, (one.role, one.source or one.department))),
                f"({one.label})" if one.label else "",
                f"issued {one.issued_at.isoformat(timespec='seconds')}",
                f"revoked {one.revoked_at.isoformat(timespec='seconds')}" if one.revoked_at else "",
            )
        ).rstrip()
        for one in found
    ]


@asynccontextmanager
async def _owner(data: Path | None) -> AsyncIterator[asyncpg.Connection]:
    settings = settings_of(data)
    try:
        owner = await asyncpg.connect(settings.database_url, timeout=10)
    except (OSError, TimeoutError) as error:
        raise StartError(
            f"The database of {data or 'AFTERCALL_DATABASE_URL'} does not answer: start it first."
        ) from error
    try:
        yield owner
    finally:
        await owner.close()
