"""Moving the business clock of a stack that was started with `--clock stepped`: a door inside, a command outside."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
from pydantic import AwareDatetime, BaseModel

from chassis.access.roles import Role
from chassis.access.token import issue_token, person_of_token, revoke_token
from chassis.stepping import NotIdle, Stepper
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from launcher.addresses import settings_of
from launcher.faults import StartError
from launcher.terminal import say

DOOR = "/ops/clock"
PATIENCE_SECONDS = 120.0  # longer than the stepper itself waits for the pipeline to come to rest


class Wanted(BaseModel):
    until: AwareDatetime


class Shown(BaseModel):
    now: AwareDatetime


def door(stepper: Stepper) -> GuardedRouter:
    """One step for each request: to the next due time, at most an hour on, when everything is idle."""
    router, turn = GuardedRouter(), asyncio.Lock()

    @router.post(DOOR, access=roles(Role.ADMIN))
    async def step(wanted: Wanted) -> Shown:
        async with turn:
            try:
                shown = await stepper.step(until=wanted.until)
                await stepper.idle()
            except NotIdle as stuck:
                raise Problem(503, "The clock stands: something is still under way.", str(stuck)) from stuck
        return Shown(now=shown)

    return router


async def step(data: Path, *, until: datetime | None, hours: float | None) -> None:
    """Steps the stack that runs on `data` until the instant, or for so many hours; tells what the clock shows."""
    if (until is None) == (hours is None):
        raise StartError("Say either --until or --hours.")
    if until is not None and until.tzinfo is None:
        raise StartError("--until needs an offset from UTC, such as 2026-10-15T10:00:00+08:00.")
    settings = settings_of(data)
    owner = await asyncpg.connect(settings.database_url)
    try:
        start: datetime = await owner.fetchval("SELECT clock.business_now()")
        goal = until or start + timedelta(hours=hours or 0)
        secret = await issue_token(owner, Role.ADMIN, None, None, label="clock")
        try:
            say(f"The business clock shows {(await _walk(settings.web_url, secret, start, goal)).isoformat()}.")
        finally:
            person = await person_of_token(owner, secret)
            if person is not None:
                await revoke_token(owner, person.id)
    finally:
        await owner.close()


async def _walk(web: str, secret: str, now: datetime, goal: datetime) -> datetime:
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=web, headers=headers, timeout=PATIENCE_SECONDS) as client:
        while now < goal:
            answer = await client.post(DOOR, json={"until": goal.isoformat()})
            if answer.status_code == 404:
                raise StartError("This stack runs on the real clock: start it with --clock stepped to move it.")
            if not answer.is_success:
                raise StartError(f"The clock could not be moved: {answer.json().get('detail') or answer.text[:200]}")
            now = Shown.model_validate_json(answer.content).now
    return now
