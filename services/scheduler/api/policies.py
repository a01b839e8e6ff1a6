"""The policies that decided, by the version that the ledger and each plan name."""

from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import BaseModel

from chassis.access.roles import Role
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from services.scheduler.store import policies

router = GuardedRouter(prefix="/api/v1")


class PolicyOut(BaseModel):
    version: str
    content: dict[str, Any]


class EditionOut(BaseModel):
    """`valid_from`: it decides about completions from then on."""

    version: str
    valid_from: datetime
    published_by: str


@router.get("/policies", access=roles(Role.SUPERVISOR, Role.ADMIN, Role.ANALYST))
async def editions(request: Request) -> tuple[EditionOut, ...]:
    """Every published set, the oldest first; the last one is in force."""
    async with runtime_of(request).reading() as connection:
        rows = await policies.editions(connection)
    return tuple(
        EditionOut(version=row.version, valid_from=row.valid_from, published_by=row.published_by) for row in rows
    )


@router.get("/policies/{version}", access=roles(Role.SUPERVISOR, Role.ADMIN, Role.ANALYST))
async def policy(request: Request, version: str) -> PolicyOut:
    """The house rules with one scenario, or with all of a set."""
    async with runtime_of(request).reading() as connection:
        found = await policies.contents(connection, [version])
    if version not in found:
        raise Problem(404, _("没有这个政策版本"))
    return PolicyOut(version=version, content=dict(found[version]))
