"""The weekly lists of suggestions for programs: told over webhooks when the letters with the workbook go out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from chassis.runtime import Loop, Runtime
from chassis.web.i18n import N_
from chassis.webhooks.store import Announcement, announce
from services.followup.due import workdays
from services.followup.ideas import SETTLED
from services.followup.periodic import LISTS, first_after
from services.followup.store import ideas, turns
from services.followup.store.ideas import Shelved
from services.followup.words import DEPARTMENTS

LISTED = "suggestions.listed"
KINDS = {LISTED: N_("每周的建议清单")}
_TURN = "suggestion_lists"
_PREFIX = "suggestions/"


async def submit(runtime: Runtime) -> int:
    """Once each time it is due: a department hears of its own open suggestions, product and operations of theirs."""
    async with runtime.transaction() as tx:
        if not await turns.take(tx.connection, _TURN, tx.now):
            return 0
        due = await turns.next_at(tx.connection, _TURN)
        if due is not None:
            scopes = [scope for scope in (*DEPARTMENTS, *LISTS) if await open_of(tx.connection, scope)]
            await announce(tx, [Announcement(one, LISTED, f"{_PREFIX}{one}/{due.isoformat()}") for one in scopes])
        await turns.put(tx.connection, _TURN, first_after(next(iter(LISTS)), tx.now, workdays(tx.settings)))
        return 1


async def open_of(connection: asyncpg.Connection, scope: str) -> list[Shelved]:
    """What is not settled, of a department or of an owner, most wanted first."""
    department, owner = (None, LISTS[scope]) if scope in LISTS else (scope, None)
    found = await ideas.shelf(connection, department=department, login="", owner=owner)
    return [one for one in found if one.idea.status not in SETTLED]


async def rendered(runtime: Runtime, subjects: Iterable[str]) -> Mapping[str, Any]:
    """The lists as they are when they are sent: the house's titles, no customer's words."""
    web = runtime.settings.web_url.rstrip("/")
    found: dict[str, Any] = {}
    for subject in subjects:
        if not subject.startswith(_PREFIX):
            continue
        _, scope, due = subject.split("/")
        async with runtime.reading() as connection:
            rows = await open_of(connection, scope)
        found[subject] = {"list": scope, "due": due, "suggestions": [_row(one, web) for one in rows]}
    return found


def _row(one: Shelved, web: str) -> dict[str, Any]:
    idea = one.idea
    return {
        "idea_id": idea.idea_id,
        "title": idea.title,
        "status": idea.status,
        "owner": idea.owner,
        "department": idea.department,
        "kind": idea.kind,
        "customers": one.customers,
        "votes": one.votes,
        "opened_at": idea.opened_at.isoformat(),
        "changed_at": idea.changed_at.isoformat(),
        "page": f"{web}/followup/suggestions/idea/{idea.idea_id}",
    }


async def _next(connection: asyncpg.Connection) -> datetime | None:
    return await turns.next_at(connection, _TURN)


LOOPS = (Loop("suggestion lists", submit, timedelta(seconds=30), _next),)
