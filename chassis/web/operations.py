"""The page of the one who keeps it running: health, lag, dead letters with replay, for each service of this process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from chassis.access import audit
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.deadletters import Letter, letters
from chassis.runtime import Runtime
from chassis.setaside import replay
from chassis.web.i18n import N_
from chassis.web.i18n import gettext as _
from chassis.web.navigation import NavItem
from chassis.web.pages import render, see_other, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from chassis.web.site import site_of

NAV = (NavItem(area=N_("运行"), title=N_("运行状况"), path="/ops", roles=frozenset({Role.ADMIN})),)
SHOWN_LETTERS = 50
# Figures a runtime tells under these names are shown in words; others under the name they came with.
FIGURES = {
    "lag": N_("待处理的事件"),
    "outbox": N_("待发出的事件"),
    "outbox_age": N_("最早一条已等（秒）"),
    "dead_letters": N_("死信"),
    "parked": N_("搁置"),
}
router = GuardedRouter()


@dataclass(frozen=True)
class Condition:
    name: str
    reasons: tuple[str, ...]
    figures: Mapping[str, Any]
    letters: tuple[Letter, ...]


@router.get("/ops", access=roles(Role.ADMIN))
async def operations(request: Request) -> Response:
    runtimes = site_of(request).runtimes
    conditions = await asyncio.gather(*(_condition(name, runtime) for name, runtime in runtimes.items()))
    return render(request, "ops.html", conditions=conditions, words=FIGURES)


@router.post("/ops/{service}/dead-letters/{letter_id}/replay", access=roles(Role.ADMIN))
async def replay_letter(
    request: Request, person: Annotated[Person, Depends(signed_in)], service: str, letter_id: int
) -> Response:
    """Once the cause is mended; a letter that is still refused stays where it is."""
    site = site_of(request)
    runtime = site.runtimes.get(service)
    if runtime is None:
        raise Problem(404, _("没有这条死信"))
    done = await replay(runtime, [letter_id])
    if not done:
        raise Problem(404, _("没有这条死信"))
    async with site.staff_pool.acquire() as connection:
        await audit.record(connection, person, action="replayed", subject=f"dead-letter:{service}:{letter_id}")
    if not done[0].taken:
        raise Problem(409, _("这条死信仍然处理不了"), str(done[0].still))
    return see_other(request, "/ops")


async def _condition(name: str, runtime: Runtime) -> Condition:
    status = dict(await runtime.status())
    status.pop("service", None)
    reasons = tuple(status.pop("reasons", ()))
    async with runtime.reading() as connection:
        dead = await letters(connection, state="dead", limit=SHOWN_LETTERS)
    return Condition(name=name, reasons=reasons, figures=status, letters=tuple(dead))
