"""Telling the author of a suggestion what became of it."""

import asyncpg

from chassis.access.person import Person
from chassis.runtime import Runtime
from chassis.web.i18n import gettext as _
from chassis.web.problems import Problem
from contracts.vocabulary import ItemKind, ItemState
from services.followup import asking
from services.followup.actions import LONGEST
from services.followup.due import workdays
from services.followup.responses import Item
from services.followup.rights import check_department
from services.followup.store import contacts, items
from services.followup.telling import record_requests


async def readable_suggestion(connection: asyncpg.Connection, person: Person, item_id: str) -> Item:
    """Raises `Problem` 404 or 403."""
    item = (await items.items(connection, [item_id])).get(item_id)
    if item is None or item.kind not in (ItemKind.SUGGESTION, ItemKind.NEW_DEMAND):
        raise Problem(404, _("没有这条建议"))
    check_department(person, item.department)
    return item


async def tell_author(runtime: Runtime, person: Person, item_id: str, text: str) -> None:
    """Asks for a contact about the suggestion, with these words; the second time changes nothing."""
    if not text.strip() or len(text) > LONGEST:
        rule = "required" if not text.strip() else f"longer than {LONGEST} characters"
        raise Problem(422, _("有些内容不符合要求"), errors=[{"field": "text", "rule": rule}])
    async with runtime.reading() as connection:
        customer_ref = (await readable_suggestion(connection, person, item_id)).customer_ref
    async with runtime.transaction(customers=[customer_ref]) as tx:
        item = await readable_suggestion(tx.connection, person, item_id)
        if item.state is ItemState.WITHDRAWN:
            raise Problem(409, _("这条建议已被更正撤回"))
        response = (await items.responses(tx.connection, [item.response_id])).get(item.response_id)
        keys = await tx.vault.keyring(text=[customer_ref])
        sealed = keys.seal_text(customer_ref, "progress", text.strip())
        agent = response.agent if response else None
        request = asking.for_suggestion(item, sealed, agent, days=workdays(tx.settings), now=tx.now)
        known = await contacts.requests_of_suggestions(tx.connection, [item_id])
        if item_id not in known:
            await record_requests(tx, [(request, item.response_id)])
