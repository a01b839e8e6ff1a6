"""What a department hears over its webhooks: each step of its cases in order, and the weekly list of its suggestions.

No customer's words and no name ever ride along.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.web.i18n import N_
from chassis.webhooks.store import Announcement, Delivery, Subscription, announce
from services.followup import submitting
from services.followup.case import Case, Step
from services.followup.chain import Link
from services.followup.states import Action
from services.followup.store import board, cases

CASE_CHANGED = "case.changed"
CASE_LEFT = "case.left"
KINDS = {CASE_CHANGED: N_("案件的每一步"), CASE_LEFT: N_("案件转到别的部门"), **submitting.KINDS}


async def tell(tx: Transaction, steps: Sequence[Step]) -> None:
    """One message for each step; the department that a case leaves hears that it did, and not where to."""
    announcements = []
    for step in steps:
        place = f"{step.case.case_id}/{step.case.revision}"
        announcements.append(Announcement(step.case.department, CASE_CHANGED, place))
        before = step.entry.detail.get("from") if step.entry.action is Action.MOVE else None
        if before and before != step.case.department:
            announcements.append(Announcement(before, CASE_LEFT, f"{place}/left"))
    await announce(tx, announcements)


async def rendered(runtime: Runtime, deliveries: Sequence[Delivery]) -> Mapping[str, Any]:
    """Each step as it was written into the case's history, each list as it is now."""
    wanted = {delivery.subject for delivery in deliveries}
    lists = await submitting.rendered(runtime, wanted)
    case_ids = {subject.partition("/")[0] for subject in wanted - set(lists)}
    async with runtime.reading() as connection:
        known = await cases.by_ids(connection, case_ids)
        links = await cases.histories(connection, case_ids)
    web = runtime.settings.web_url.rstrip("/")
    found: dict[str, Any] = dict(lists)
    for link in links:
        place = f"{link.case_id}/{link.sequence}"
        found[place] = _told(known[link.case_id], link, web)
        found[f"{place}/left"] = {"case_id": link.case_id, "revision": link.sequence, "at": link.at.isoformat()}
    return {subject: data for subject, data in found.items() if subject in wanted}


async def sample(runtime: Runtime, subscription: Subscription) -> dict[str, Any] | None:
    """The last step of the department's cases, for a test of its receiver."""
    async with runtime.reading() as connection:
        newest = await board.newest_case(connection, subscription.owner)
        links = await cases.history(connection, newest.case_id) if newest else []
    return _told(newest, links[-1], runtime.settings.web_url.rstrip("/")) if newest and links else None


def _told(case: Case, link: Link, web: str) -> dict[str, Any]:
    """Of the step: revision, action, why, states and time; of the case: what does not change with it."""
    detail = link.detail
    return {
        "case_id": link.case_id,
        "revision": link.sequence,
        "action": link.action,
        "why": detail.get("why"),
        "from_state": link.from_state,
        "state": link.to_state,
        "at": link.at.isoformat(),
        "due_at": detail.get("due_at"),
        "severity": detail.get("severity"),
        "codes": detail.get("codes"),
        "closed_as": detail.get("closed_as"),
        "escalation": detail.get("level"),
        "item_id": case.item_id,
        "response_id": case.response_id,
        "opened_at": case.opened_at.isoformat(),
        "item": f"{web}/followup/api/v1/items/{case.item_id}",
    }
