"""Topics keep no order between each other, and every event may come twice: however they come, one truth is left."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.envelope import Event
from tests.integration.followup.builders import a_flag, a_promise, a_response, voiding

PROMISED = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
"""Before the department's own due time."""
Telling = Callable[[ServiceUnderTest, str], Any]


async def _response(service: ServiceUnderTest, ref: str) -> Event:
    return await a_response(service, ref=ref)


async def _flag(service: ServiceUnderTest, ref: str) -> Event:
    return a_flag(ref)


async def _worse(service: ServiceUnderTest, ref: str) -> Event:
    return a_flag(ref, item_revision=2, state="changed", severity="critical")


async def _elsewhere(service: ServiceUnderTest, ref: str) -> Event:
    return a_flag(ref, item_revision=2, state="changed", department="logistics")


async def _withdrawn(service: ServiceUnderTest, ref: str) -> Event:
    return a_flag(ref, item_revision=2, state="withdrawn")


async def _promise(service: ServiceUnderTest, ref: str) -> Event:
    return await a_promise(service, PROMISED, ref=ref)


async def _promise_elsewhere(service: ServiceUnderTest, ref: str) -> Event:
    return await a_promise(service, PROMISED, ref=ref, department="logistics")


async def _void(service: ServiceUnderTest, ref: str) -> Event:
    return voiding(ref)


async def left(service: ServiceUnderTest, ref: str) -> dict[str, Any]:
    """What is open of this customer: the case, as everybody reads it, and the promise."""
    cases = await service.query(
        """SELECT department, severity, state, closed_as, due_at FROM case_file
           WHERE customer_ref = $1 AND state <> 'closed'""",
        ref,
    )
    promises = await service.query(
        """SELECT promise.state, case_file.state <> 'closed' IS TRUE AS joined
           FROM promise LEFT JOIN case_file USING (case_id) WHERE promise.customer_ref = $1""",
        ref,
    )
    return {"cases": [dict(row) for row in cases], "promises": [dict(row) for row in promises]}


def in_some_order(story: str) -> list[tuple[Telling, ...]]:
    """Every order; of one item's two revisions the older first, where the newer one tells nothing of it."""
    told = STORIES[story]
    orders = list(permutations(told))
    if _elsewhere not in told or _promise not in told:
        return orders
    return [order for order in orders if order.index(_flag) < order.index(_elsewhere)]


STORIES: dict[str, Sequence[Telling]] = {
    "a promise and a graver flag": (_response, _flag, _worse, _promise),
    "another department": (_response, _flag, _elsewhere),
    "another department and a promise of the first": (_flag, _elsewhere, _promise),
    "another department that promised": (_flag, _elsewhere, _promise_elsewhere),
    "taken back before it was raised": (_response, _flag, _withdrawn, _promise),
    "voided after its case was opened": (_response, _flag, _void, _promise),
}


@pytest.mark.parametrize("story", STORIES)
async def test_in_whatever_order_and_however_often_events_come_one_truth_is_left(
    followup: ServiceUnderTest, story: str
) -> None:
    found: dict[str, dict[str, Any]] = {}
    for number, order in enumerate(in_some_order(story)):
        ref = f"customer-{number}"
        for telling in order:
            event = await telling(followup, ref)
            await followup.receive(event)
            await followup.receive(event, again=True)
        again = [await telling(followup, ref) for telling in order]
        await followup.receive(*again)
        found["→".join(telling.__name__ for telling in order)] = await left(followup, ref)
    first = next(iter(found.values()))
    assert {name: state for name, state in found.items() if state != first} == {}
    if "voided" in story or "taken back" in story:
        assert first["cases"] == []
    else:
        assert len(first["cases"]) == 1
