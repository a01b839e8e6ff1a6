"""What a release tells was made when the permit was planned; it is what would have been made at the release."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest

from chassis import locks
from chassis.testing.harness import ServiceUnderTest
from chassis.transaction import Transaction
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import CustomerRef, Disposition, RequestState, Scenario
from services.scheduler.budget import Budgets
from services.scheduler.capacity import hour_of
from services.scheduler.configured import configured_rules
from services.scheduler.handlers.in_force import rules_in_force, rules_to_read
from services.scheduler.notice import callback_due
from services.scheduler.policy_versions import policy_set
from services.scheduler.release import Due, Leave, Room, Ruling, decide
from services.scheduler.store import callbacks, contacts, releases, sealed
from services.scheduler.timers.releasing import release_due
from tests.integration.scheduler.builders import NOW, a_completion, a_request, a_response, an_attempt, an_opt_out
from tests.integration.scheduler.busy_days import BusyDays
from tests.integration.scheduler.test_publishing import published

HOUR = timedelta(hours=1)
_CALLS = "SELECT skill, count(*) FROM permit WHERE released_at >= $1 AND channel = 'phone' GROUP BY skill"


class Comparison:
    """Makes each `callback-due` at its release too, from the callback as it stands then."""

    def __init__(self) -> None:
        self.anew: dict[tuple[str, int], CallbackDue] = {}
        self._tell = releases.tell

    async def tell(self, tx: Transaction, permits: Sequence[Leave]) -> None:
        rules = await rules_in_force(tx)
        known = await callbacks.load(tx.connection, [one.callback_id for one in permits])
        seals = await sealed.of_completions(tx.connection, [one.completion_ref for one in known.values()])
        for one in permits:
            callback = known[one.callback_id]
            seal = seals[callback.completion_ref]
            permit = callback.permit(one.permit_no)
            assert permit is not None
            self.anew[one.callback_id, one.permit_no] = callback_due(
                rules, callback, permit, now=tx.now,
                contact=seal.contact, context=seal.context, narrative=seal.narrative,
            )  # fmt: skip
        await self._tell(tx, permits)


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch) -> Comparison:
    found = Comparison()
    monkeypatch.setattr(releases, "tell", found.tell)
    return found


async def test_through_busy_days_every_notice_says_what_would_be_said_at_the_release(
    scheduler: ServiceUnderTest, comparison: Comparison
) -> None:
    await BusyDays(scheduler, 5).live(steps=8, services=14)
    told = {(due.callback_id, due.permit_no): due for due in await scheduler.sent(CallbackDue)}
    assert comparison.anew == {place: due for place, due in told.items() if place in comparison.anew}
    numbers = Counter(number for _, number in comparison.anew)
    assert numbers[1] > 50 and len(numbers) > 1, "first permits and later ones were told by their notices"
    assert len(comparison.anew) > 0.9 * len(told), "making it at the release is the exception"


class OneByOne:
    """Decides each pass once more from the callbacks as they stand, one permit after another."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.expected: list[set[tuple[str, int]]] = []
        self.released: list[set[tuple[str, int]]] = []
        self.at_once = 0
        self._due: list[Due] = []
        for name in ("due", "clear", "release"):
            monkeypatch.setattr(releases, name, partial(getattr(self, name), getattr(releases, name)))

    async def due(self, real: Any, *args: Any, **kwargs: Any) -> list[Due]:
        self._due = await real(*args, **kwargs)
        return self._due

    async def clear(self, real: Any, connection: asyncpg.Connection, *args: Any, **kwargs: Any) -> Any:
        self.expected.append(await self._decided(connection, kwargs["now"]))
        found = await real(connection, *args, **kwargs)
        self.at_once += len(found)
        return found

    async def release(
        self, real: Any, connection: asyncpg.Connection, leaving: Sequence[Leave], *args: Any, **kw: Any
    ) -> None:
        self.released.append({(one.callback_id, one.permit_no) for one in leaving})
        await real(connection, leaving, *args, **kw)

    async def _decided(self, connection: asyncpg.Connection, now: datetime) -> set[tuple[str, int]]:
        rules = await rules_to_read(connection)
        ripe = await releases.ripe(connection, self._due, now, notices="")
        suppressed = await contacts.blocked_scopes(connection, {name for one in ripe for name in one.subjects})
        since = now - rules.house.budget.span
        budgets = Budgets(await contacts.counted(connection, {one.person for one in ripe}, since))
        room = Room(rules, now, Counter(dict(await connection.fetch(_CALLS, hour_of(now)))))
        rulings = {
            (one.callback_id, one.permit_no): decide(one, now=now, suppressed=suppressed, budgets=budgets, room=room)
            for one in ripe
        }
        return {place for place, decision in rulings.items() if decision.ruling is Ruling.RELEASE}


async def test_through_busy_days_each_pass_releases_what_the_rules_decide_one_by_one(
    scheduler: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = OneByOne(monkeypatch)
    await BusyDays(scheduler, 11).live(steps=8, services=14)
    assert passes.released == passes.expected
    assert passes.at_once > 50, "one statement for all found many of them"


async def test_what_a_process_of_before_the_upgrade_planned_is_released_by_the_rules_and_told_whole(
    scheduler: ServiceUnderTest, comparison: Comparison
) -> None:
    """It knows notices without marks, and leaves what a release looks at as it was, whatever became of the number."""
    await scheduler.receive(*[a_completion(customer={"phone": f"1380013800{n}"}) for n in range(4)])
    version = configured_rules().policies.version
    async with scheduler.runtime.transaction() as tx:
        await tx.connection.execute("UPDATE permit SET notice = '{}', notice_policy = $1, subjects = '{x}'", version)
    (first, second, *_) = await scheduler.query("SELECT customer_ref, phone_index FROM completion ORDER BY service_id")
    await scheduler.receive(an_opt_out(CustomerRef(first["customer_ref"]), first["phone_index"], NOW))
    async with scheduler.runtime.transaction() as tx:
        await tx.connection.execute(
            "INSERT INTO budget VALUES ('phone:' || $1, 'other', $2)", second["phone_index"], NOW
        )
    await release_due(scheduler.runtime)
    dues = await scheduler.sent(CallbackDue)
    assert len(dues) == 2 and comparison.anew == {}
    assert not {first["phone_index"], second["phone_index"]} & {due.phone_index for due in dues}


async def test_a_policy_that_changed_after_the_planning_is_the_one_that_is_told(
    scheduler: ServiceUnderTest, comparison: Comparison
) -> None:
    await scheduler.receive(a_completion())
    policies = configured_rules().policies
    before = policies.scenarios[Scenario.COMPLAINT]
    changed = before.model_copy(update={"maximum_minutes": before.maximum_minutes - 1})
    others = [policy for policy in policies.scenarios.values() if policy is not before]
    await published(scheduler, policy_set(policies.house, [*others, changed]))
    await scheduler.tick()
    (due,) = await scheduler.sent(CallbackDue)
    assert due.maximum_minutes == changed.maximum_minutes
    assert comparison.anew == {}


async def test_after_a_night_without_releases_only_the_starts_that_are_left_are_told(
    scheduler: ServiceUnderTest, comparison: Comparison
) -> None:
    await scheduler.receive(a_completion())
    await scheduler.step_to(NOW + 24 * HOUR)
    await release_due(scheduler.runtime)
    (due,) = await scheduler.sent(CallbackDue)
    assert due.intervals[0].begins == NOW.replace(hour=0) + 24 * HOUR, "eight in the morning of that day"
    assert comparison.anew == {}


async def test_a_part_that_was_withdrawn_after_the_planning_is_not_told(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion())
    await scheduler.tick()
    (due,) = await scheduler.sent(CallbackDue)
    await scheduler.receive(a_response(due, at=NOW), an_attempt(due, Disposition.COMPLETE, at=NOW))
    begins, ends = NOW + 24 * HOUR, NOW + 48 * HOUR
    stays, goes = (a_request(due, not_before=begins, deadline=ends) for _ in range(2))
    await scheduler.receive(stays)
    await scheduler.receive(goes)
    withdrawn = goes.model_copy(update={"revision": 2, "state": RequestState.WITHDRAWN})
    await scheduler.receive(withdrawn)
    await scheduler.run_until(ends)
    second = (await scheduler.sent(CallbackDue))[-1]
    assert [part.request_id for part in second.parts] == [stays.request_id]


async def test_a_release_leaves_no_notice_behind(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(*[a_completion() for _ in range(3)])
    (planned,) = await scheduler.query("SELECT count(notice) AS made FROM permit")
    await scheduler.tick()
    (released,) = await scheduler.query("SELECT count(notice) AS made, count(released_at) AS released FROM permit")
    assert (planned["made"], released["made"], released["released"]) == (3, 0, 3)


async def test_a_server_with_room_for_few_locks_gets_smaller_passes(
    scheduler: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def room(_: object) -> int:
        return 60

    await scheduler.receive(*[a_completion() for _ in range(5)])
    monkeypatch.setattr(locks, "room", room)
    settled = [await release_due(scheduler.runtime) for _ in range(4)]
    assert settled == [2, 2, 1, 0]
    assert len(await scheduler.sent(CallbackDue)) == 5
