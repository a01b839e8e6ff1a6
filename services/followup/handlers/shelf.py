"""Suggestions on their way into the library."""

from collections.abc import Sequence

from chassis.transaction import Transaction
from services.followup.ideas import Idea, owner_of
from services.followup.responses import Item
from services.followup.store import ideas


async def put_on_shelf(tx: Transaction, fresh: Sequence[Item]) -> None:
    """Each new item is an idea of its own until somebody merges it; one that went to another department is again."""
    known = await ideas.ideas_of(tx.connection, [item.item_id for item in fresh])
    homeless = [i for i in fresh if i.item_id not in known or known[i.item_id].department != i.department]
    if not homeless:
        return
    ids = await ideas.new_ids(tx.connection, len(homeless))
    made = [
        Idea(
            idea_id=idea_id,
            department=item.department,
            kind=item.kind,
            owner=owner_of(item.department),
            opened_at=item.routed_at,
            changed_at=tx.now,
        )
        for idea_id, item in zip(ids, homeless, strict=True)
    ]
    await ideas.put(tx.connection, made)
    await ideas.shelve(tx.connection, {item.item_id: idea_id for idea_id, item in zip(ids, homeless, strict=True)})
