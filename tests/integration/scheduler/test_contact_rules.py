import asyncio
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from chassis.runtime import open_runtime
from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import CallbackCancelled, CallbackClosed, CallbackDue
from contracts.vocabulary import AgreedAgent, Disposition, Explanation, NotAttempted
from services.scheduler.app import SERVICE
from services.scheduler.release import Due
from services.scheduler.store import releases
from services.scheduler.timers.releasing import release_due
from tests.integration.scheduler.builders import NOW, a_completion, an_attempt, an_opt_out

HOUR = timedelta(hours=1)
PARALLEL = 50


@pytest.fixture
def split_work(monkeypatch: pytest.MonkeyPatch) -> ContextVar[int]:
    """Each scheduler sees another part of the due permits, so that none waits for another's customers."""
    share: ContextVar[int] = ContextVar("share")
    everything = releases.due

    async def part(connection: asyncpg.Connection, now: datetime, limit: int, *, notices: str) -> list[Due]:
        return (await everything(connection, now, limit, notices=notices))[share.get() :: PARALLEL]

    monkeypatch.setattr(releases, "due", part)
    return share


async def in_parallel(scheduler: ServiceUnderTest, share: ContextVar[int]) -> None:
    """Fifty schedulers release at the same time, each on a connection of its own."""
    processes = [await open_runtime(SERVICE, scheduler.settings) for _ in range(5)]
    try:

        async def release(number: int) -> None:
            share.set(number)
            await release_due(processes[number % 5])

        await asyncio.gather(*(release(number) for number in range(PARALLEL)))
    finally:
        for runtime in processes:
            await runtime.close()


@pytest.mark.parametrize("way", ["phone", "email"])
async def test_fifty_schedulers_never_exceed_the_contact_budget_of_a_number_or_an_address(
    scheduler: ServiceUnderTest, split_work: ContextVar[int], way: str
) -> None:
    """Calls wait for each other at the capacity of their skill; messages meet at the person only."""
    names = [{"phone": f"1370013{n:04d}"} if way == "phone" else {"email": f"k{n}@example.com"} for n in range(4)]
    await scheduler.receive(*[a_completion(customer={"phone": None, **names[n % 4]}) for n in range(50)])
    await in_parallel(scheduler, split_work)
    dues = await scheduler.sent(CallbackDue)
    assert len({due.phone_index or due.email_index for due in dues}) == len(dues) == 4


async def test_fifty_schedulers_never_exceed_the_capacity_of_the_hour(
    scheduler: ServiceUnderTest, split_work: ContextVar[int]
) -> None:
    await scheduler.receive(*[a_completion() for _ in range(60)])
    await in_parallel(scheduler, split_work)
    # 24 calls an hour × 1.2
    assert len(await scheduler.sent(CallbackDue)) == 28


async def test_nobody_is_redialled_after_the_windows_end_whatever_is_told(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion())
    await scheduler.tick()
    for _ in range(12):
        due = (await scheduler.sent(CallbackDue))[-1]
        at = await scheduler.runtime.now()
        await scheduler.receive(an_attempt(due, Disposition.BUSY, at=at))
        await scheduler.run_until(at + 3 * HOUR)
    await scheduler.run_until(NOW + timedelta(days=6))
    dues = await scheduler.sent(CallbackDue)
    assert len(dues) <= 4
    assert all(due.intervals[-1].ends <= due.not_after <= NOW + 47 * HOUR for due in dues)
    assert [closed.explanation for closed in await scheduler.sent(CallbackClosed)] == [Explanation.EXHAUSTED]


async def test_a_permit_never_allows_a_start_in_the_night_of_the_customer(scheduler: ServiceUnderTest) -> None:
    zones = ["Asia/Kathmandu", "America/New_York", "Pacific/Apia", "Asia/Shanghai"]
    await scheduler.receive(*[a_completion(customer={"timezone": zone, "phone": None, "email": f"k{n}@example.com"})
                              for n, zone in enumerate(zones)])  # fmt: skip
    await scheduler.run_until(NOW + 30 * HOUR)
    dues = await scheduler.sent(CallbackDue)
    assert {due.zone for due in dues} == set(zones)
    for due in dues:
        for span in due.intervals:
            begins, ends = (at.astimezone(ZoneInfo(due.zone)) for at in (span.begins, span.ends))
            assert begins.hour >= 8 and (ends.hour, ends.minute) <= (21, 45)


async def test_an_agreed_minute_in_the_night_moves_to_the_next_lawful_one(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion())
    await scheduler.tick()
    (due,) = await scheduler.sent(CallbackDue)
    three_at_night = datetime(2026, 10, 16, 19, 0, tzinfo=UTC)
    await scheduler.receive(
        an_attempt(due, Disposition.APPOINTMENT, at=NOW, agreed_at=three_at_night, agreed_agent=AgreedAgent.ANY)
    )
    await scheduler.run_until(three_at_night + 8 * HOUR)
    second = (await scheduler.sent(CallbackDue))[-1]
    assert second.intervals[0].begins == datetime(2026, 10, 17, 0, 0, tzinfo=UTC)
    assert second.reserved_agent is None


async def test_an_agreed_time_more_than_seven_days_ahead_is_brought_forward_to_the_seventh(
    scheduler: ServiceUnderTest,
) -> None:
    await scheduler.receive(a_completion())
    await scheduler.tick()
    (due,) = await scheduler.sent(CallbackDue)
    await scheduler.receive(an_attempt(due, Disposition.APPOINTMENT, at=NOW, agreed_at=NOW + timedelta(days=30)))
    await scheduler.run_until(NOW + timedelta(days=8))
    second = (await scheduler.sent(CallbackDue))[-1]
    assert second.permit_no == 2 and second.intervals[0].begins <= NOW + timedelta(days=7, hours=1)


@pytest.mark.parametrize("heard_first", [True, False])
async def test_an_opt_out_at_the_moment_of_release_wins_or_calls_the_permit_back(
    scheduler: ServiceUnderTest, heard_first: bool
) -> None:
    number = {"phone": "13700139001"}
    await scheduler.receive(a_completion(customer=number))
    await scheduler.receive(a_completion(scenario="usage", completed_at=NOW, customer=number))
    rows = await scheduler.query("SELECT customer_ref, phone_index FROM completion LIMIT 1")
    wish = an_opt_out(rows[0]["customer_ref"], rows[0]["phone_index"], NOW)
    if heard_first:
        # heard, and not yet spread to the customers of the number
        await scheduler.receive(wish)
        await release_due(scheduler.runtime)
        assert await scheduler.sent(CallbackDue) == []
    else:
        await asyncio.gather(release_due(scheduler.runtime), scheduler.receive(wish))
    await scheduler.tick()
    dues, cancelled = await scheduler.sent(CallbackDue), await scheduler.sent(CallbackCancelled)
    assert {due.callback_id for due in dues} == {one.callback_id for one in cancelled}
    for due in dues:
        given_back = an_attempt(due, Disposition.NOT_ATTEMPTED, at=NOW, not_attempted=NotAttempted.SUPPRESSED)
        await scheduler.receive(given_back)
    await scheduler.run_until(NOW + 60 * HOUR)
    assert {closed.explanation for closed in await scheduler.sent(CallbackClosed)} == {Explanation.OPTED_OUT}
    assert len(await scheduler.sent(CallbackDue)) == len(dues)


async def test_answered_hours_are_remembered_and_preferred(scheduler: ServiceUnderTest) -> None:
    document = a_completion(customer={"phone": "13700139002"})
    await scheduler.receive(document)
    await scheduler.tick()
    (due,) = await scheduler.sent(CallbackDue)
    evening = datetime(2026, 10, 14, 11, 20, tzinfo=UTC)  # 19:20 in Shanghai
    first = an_attempt(due, Disposition.APPOINTMENT, at=evening, agreed_at=evening + 24 * HOUR)
    await scheduler.receive(first)
    await scheduler.run_until(evening + 24 * HOUR)
    second = (await scheduler.sent(CallbackDue))[-1]
    await scheduler.receive(an_attempt(second, Disposition.REFUSAL, at=evening + 24 * HOUR))
    rows = await scheduler.query("SELECT hour, calls FROM answered_hour")
    assert [(row["hour"], row["calls"]) for row in rows] == [(19, 2)]
    again = a_completion(scenario="usage", completed_at=evening + 24 * HOUR,
                         customer={"phone": "13700139002", "customer_id": document.customer.customer_id})  # fmt: skip
    await scheduler.step_to(evening + 8 * 24 * HOUR)
    late = again.model_copy(update={"completed_at": evening + 8 * 24 * HOUR - HOUR})
    await scheduler.receive(late)
    (permit,) = await scheduler.query("SELECT due_at, plan FROM permit WHERE state = 'pending'")
    assert permit["due_at"].hour == 11 and permit["plan"]["own_hours"] == [19]


async def test_a_plan_keeps_what_it_saw_and_what_it_was_before(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(*[a_completion() for _ in range(30)])
    await scheduler.tick()
    rows = await scheduler.query("SELECT plan, earlier_plans FROM permit WHERE state = 'pending'")
    assert rows
    for row in rows:
        assert {"now", "budget", "window", "zone", "own_hours", "calendar", "policy"} <= row["plan"].keys()
        assert row["plan"]["put_off"] == "capacity"
        assert len(row["earlier_plans"]) == 1 and row["earlier_plans"][0]["now"] == NOW.isoformat()
