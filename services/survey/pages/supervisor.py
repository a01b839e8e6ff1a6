"""The supervisor's page, and the sign by which live pages know that something moved."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from chassis.access.roles import Role
from chassis.runtime import Runtime
from chassis.web.i18n import N_, speech
from chassis.web.pages import render, runtime_of
from chassis.web.router import GuardedRouter, roles
from services.survey import supervision
from services.survey.address import form_of_address
from services.survey.agent_api import Signed
from services.survey.leases import LeaseState
from services.survey.pages.queue import PRIORITIES, SCENARIOS, skill_word
from services.survey.store.supervision import pulse

BEAT = 2.0
BEATS = 15  # then the browser asks anew, so that a page nobody looks at holds nothing for long
STEPS = {
    LeaseState.CLAIMED: N_("准备中"),
    LeaseState.DIALLED: N_("通话中"),
    LeaseState.WRAP_UP: N_("整理记录"),
}

router = GuardedRouter()


@router.get("/supervisor", access=roles(Role.SUPERVISOR))
async def supervisor(request: Request, person: Signed) -> Response:
    found = await supervision.overview(runtime_of(request))
    return render(
        request, "supervisor.html", now=found.now, overview=found, steps=STEPS, scenarios=SCENARIOS,
        priorities=PRIORITIES, skill_word=skill_word,
        address=lambda contact: form_of_address(contact.name, speech.get().language),
    )  # fmt: skip


@router.get("/queue/live", access=roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR))
async def live(request: Request, person: Signed) -> Response:
    """Server-sent events: the counts of the queue whenever they changed. Never a customer's data."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_beats(request, runtime_of(request)), media_type="text/event-stream", headers=headers)


async def _beats(request: Request, runtime: Runtime) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    told: tuple[int, int, int] | None = None
    for _beat in range(BEATS):
        if await request.is_disconnected():
            return
        async with runtime.reading() as connection:
            counts = await pulse(connection, await runtime.now())
        if counts != told:
            told = counts
            yield "data: " + " ".join(map(str, counts)) + "\n\n"
        await asyncio.sleep(BEAT)
