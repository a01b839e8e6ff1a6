"""What people do with the suggestions of the library."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from services.followup import asking
from services.followup.actions import LONGEST
from services.followup.case import Actor
from services.followup.due import workdays
from services.followup.ideas import SETTLED, Idea, IdeaOwner, IdeaRefused, IdeaStatus, decided, described, joined
from services.followup.responses import Item
from services.followup.rights import check_department
from services.followup.store import ideas, items
from services.followup.telling import record_requests

LONGEST_TITLE = 120


async def readable_idea(connection: asyncpg.Connection, person: Person, idea_id: str, *, held: bool = False) -> Idea:
    """Raises `Problem` 404 or 403."""
    idea = await ideas.idea(connection, idea_id, held=held)
    if idea is None:
        raise Problem(404, _("没有这条建议"))
    check_department(person, idea.department)
    return idea


async def vote(runtime: Runtime, person: Person, idea_id: str, *, wanted: bool) -> None:
    """One vote a person; a second one changes nothing."""
    async with runtime.transaction() as tx:
        idea = await readable_idea(tx.connection, person, idea_id)
        await ideas.vote(tx.connection, idea.idea_id, person.login, tx.now, wanted=wanted)


async def describe(runtime: Runtime, person: Person, idea_id: str, title: str, owner: str) -> None:
    """The house's own words for it, and whose list it goes to."""
    if len(title) > LONGEST_TITLE or owner not in list(IdeaOwner):
        field = "title" if len(title) > LONGEST_TITLE else "owner"
        rule = f"longer than {LONGEST_TITLE} characters" if field == "title" else "is not one of the list"
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": field, "rule": rule}])
    async with _held(runtime, person, idea_id, customers=()) as (tx, idea):
        after = described(idea, title=title.strip() or None, owner=IdeaOwner(owner), now=tx.now)
        await ideas.put(tx.connection, [after])
        detail = {"title": after.title, "owner": after.owner}
        await ideas.note(tx.connection, idea_id, _actor(person), "describe", detail, tx.now)


async def merge(runtime: Runtime, person: Person, idea_id: str, into: str) -> None:
    """Everything that was said to `idea_id` counts for `into` from now on."""
    async with runtime.transaction() as tx:
        # both are held in one order, whichever way round they are merged
        held = {one: await readable_idea(tx.connection, person, one, held=True) for one in sorted({idea_id, into})}
        try:
            gone = joined(held[idea_id], held[into], tx.now)
        except IdeaRefused:
            raise Problem(409, _("这两条建议不能合并"), _("请选同一部门、尚未了结的建议。")) from None
        await ideas.put(tx.connection, [gone])
        await ideas.take_over(tx.connection, idea_id, into)
        await ideas.note(tx.connection, idea_id, _actor(person), "merge", {"into": into}, tx.now)
        await ideas.note(tx.connection, into, _actor(person), "take", {"from": idea_id}, tx.now)


async def decide(runtime: Runtime, person: Person, idea_id: str, status: str, outcome: str) -> None:
    """The next status; with `done` or `declined` every author is told `outcome`, by a callback like every other."""
    if status not in list(IdeaStatus):
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": "status", "rule": "is not one of the list"}])
    wanted, words = IdeaStatus(status), outcome.strip()
    if (wanted in SETTLED and not words) or len(words) > LONGEST:
        rule = "required" if not words else f"longer than {LONGEST} characters"
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": "outcome", "rule": rule}])
    async with runtime.reading() as connection:
        said = (await ideas.items_in(connection, [idea_id])).get(idea_id, [])
    async with _held(runtime, person, idea_id, customers={item.customer_ref for item in said}) as (tx, idea):
        try:
            after = decided(idea, wanted, words or None, tx.now)
        except IdeaRefused:
            raise Problem(409, _("现在不能这样做")) from None
        await ideas.put(tx.connection, [after])
        detail = {"from": idea.status, "to": after.status, "outcome": words or None}
        await ideas.note(tx.connection, idea_id, _actor(person), "decide", detail, tx.now)
        if wanted in SETTLED:
            now_said = (await ideas.items_in(tx.connection, [idea_id])).get(idea_id, [])
            # whoever joined between the two looks is told by hand: this transaction does not hold that customer
            await _tell(tx, after, [item for item in now_said if item.customer_ref in tx.customers], words)


async def _tell(tx: Transaction, idea: Idea, said: list[Item], words: str) -> None:
    """One request for each customer, about the first item that they said."""
    first: dict[str, Item] = {}
    for item in said:
        first.setdefault(item.customer_ref, item)
    answers = await items.responses(tx.connection, [item.response_id for item in first.values()])
    keys = await tx.vault.keyring(text=list(first))
    days = workdays(tx.settings)
    requests = []
    for ref, item in first.items():
        answer = answers.get(item.response_id)
        request = asking.for_suggestion(
            item,
            keys.seal_text(ref, "progress", words),
            answer.agent if answer else None,
            days=days,
            now=tx.now,
            occasion=f"{idea.status}:{idea.revision}",
        )
        requests.append((request, item.response_id))
    await record_requests(tx, requests)


@asynccontextmanager
async def _held(
    runtime: Runtime, person: Person, idea_id: str, *, customers: set[str] | tuple[str, ...]
) -> AsyncIterator[tuple[Transaction, Idea]]:
    """The idea, nobody else's until this is over."""
    async with runtime.transaction(customers=customers) as tx:
        idea = await readable_idea(tx.connection, person, idea_id, held=True)
        if idea.merged_into is not None:
            raise Problem(409, _("这条建议已并入 {idea_id}", idea_id=idea.merged_into))
        yield tx, idea


def _actor(person: Person) -> Actor:
    return Actor(person.login, person.name)
