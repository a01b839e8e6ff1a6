"""The page of the one who keeps it running: health, lag, dead letters, for every service of this process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from chassis.access.roles import Role
from chassis.web.i18n import N_
from chassis.web.navigation import NavItem
from chassis.web.pages import render
from chassis.web.router import GuardedRouter, roles
from chassis.web.site import RuntimeOnWeb, site_of

NAV = (NavItem(area=N_("运行"), title=N_("运行状况"), path="/ops", roles=frozenset({Role.ADMIN})),)
router = GuardedRouter()


@dataclass(frozen=True)
class Condition:
    name: str
    reasons: tuple[str, ...]
    lag: Mapping[str, int]
    dead_letters: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]


@router.get("/ops", access=roles(Role.ADMIN))
async def operations(request: Request) -> Response:
    runtimes = site_of(request).runtimes
    conditions = await asyncio.gather(*(_condition(name, runtime) for name, runtime in runtimes.items()))
    return render(request, "ops.html", conditions=conditions)


async def _condition(name: str, runtime: RuntimeOnWeb) -> Condition:
    """`status()` gives `reasons`, `lag` by topic, `dead_letters` as rows, and any further facts by name."""
    status = dict(await runtime.status())
    reasons = tuple(status.pop("reasons", ()))
    status.pop("service", None)
    return Condition(
        name=name,
        reasons=reasons,
        lag=status.pop("lag", {}),
        dead_letters=tuple(status.pop("dead_letters", ())),
        facts=status,
    )
