"""What others did about a completion, kept for the page that says why; what is heard without acting on it."""

from collections.abc import Sequence

from chassis.runtime import Received
from chassis.transaction import Transaction
from contracts.events.followup import CaseChanged, PromiseChanged
from contracts.events.survey import PromiseMade, ResponseVoided
from contracts.events.tagging import ResponseTagged
from services.scheduler.store import stories
from services.scheduler.store.stories import StoryRow


async def responses_voided(tx: Transaction, received: Sequence[Received]) -> None:
    """A voided response stays the explanation of its callback: the customer was heard. The story tells the rest."""
    events: list[ResponseVoided] = [one.event for one in received]
    await stories.tell(
        tx.connection,
        [StoryRow(e.completion_ref, "voided", e.response_id, 1, e.voided_at, {"by": e.by}) for e in events],
    )


async def responses_tagged(tx: Transaction, received: Sequence[Received]) -> None:
    events: list[ResponseTagged] = [one.event for one in received]
    rows = [
        StoryRow(
            e.completion_ref, "tagged", e.response_id, e.tagging_revision, e.tagged_at,
            {"items": [{"kind": i.kind, "department": i.department, "codes": list(i.codes)} for i in e.items]},
        )
        for e in events
    ]  # fmt: skip
    await stories.tell(tx.connection, rows)


async def promises_made(tx: Transaction, received: Sequence[Received]) -> None:
    events: list[PromiseMade] = [one.event for one in received]
    rows = [
        StoryRow(
            e.completion_ref, "promise", e.promise_id, 0, e.made_at,
            {"state": "made", "department": e.department, "due_at": e.due_at.isoformat()},
        )
        for e in events
    ]  # fmt: skip
    await stories.tell(tx.connection, rows)


async def promises_changed(tx: Transaction, received: Sequence[Received]) -> None:
    events: list[PromiseChanged] = [one.event for one in received]
    rows = [
        StoryRow(
            e.completion_ref, "promise", e.promise_id, e.revision, e.changed_at,
            {"state": e.state, "department": e.department, "due_at": e.due_at.isoformat()},
        )
        for e in events
    ]  # fmt: skip
    await stories.tell(tx.connection, rows)


async def cases_changed(tx: Transaction, received: Sequence[Received]) -> None:
    events: list[CaseChanged] = [one.event for one in received]
    rows = [
        StoryRow(
            e.completion_ref, "case", e.case_id, e.revision, e.changed_at,
            {"state": e.state, "department": e.department, "closed_as": e.closed_as},
        )
        for e in events
    ]  # fmt: skip
    await stories.tell(tx.connection, rows)


async def customers_tagged(_: Transaction, received: Sequence[Received]) -> None:
    """Nothing follows: the level that makes a certainty stratum rides in the document, so that the draw depends on
    nothing that happened later. Tags travel sealed as facts, which this service never opens: agents see them."""


async def improvements_changed(_: Transaction, received: Sequence[Received]) -> None:
    """Nothing follows: an improvement measure concerns no single completion."""
