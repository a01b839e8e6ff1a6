"""Nothing starves: under complaints without end the others are still called before their windows close."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Explanation, Scenario
from services.scheduler.capacity import Capacity
from services.scheduler.store import releases
from tests.integration.scheduler.builders import NOW, a_completion

HOUR = timedelta(hours=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
COMPLAINTS = {9: 3, 10: 2, 14: 2, 15: 2, 16: 2}
"""By hour: in every hour in which calls are preferred as many as can be called, and one more each day."""


@pytest.fixture
def two_calls_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Agents of one skill take two calls in each hour of the day."""

    def releases(_: Capacity, skill: str, hour: object, *calendar: object) -> int:
        return 2

    monkeypatch.setattr(Capacity, "releases", releases)


async def test_under_endless_complaints_a_vip_and_an_ordinary_customer_are_still_called_before_their_windows_close(
    scheduler: ServiceUnderTest, two_calls_an_hour: None
) -> None:
    vip = a_completion(scenario="after_sale", handled_at=NOW - HOUR, customer={"level": "VIP1"})
    ordinary = a_completion(scenario="usage", completed_at=NOW - 24 * HOUR)
    await scheduler.receive(vip, ordinary)
    async with scheduler.runtime.transaction() as tx:
        # the same agents take everything
        await tx.connection.execute("UPDATE permit SET skill = 'senior'")
    for hour in range(96):
        now = NOW + hour * HOUR
        come = COMPLAINTS.get(now.astimezone(SHANGHAI).hour, 0)
        await scheduler.receive(*[a_completion(handled_at=now, completed_at=now) for _ in range(come)])
        await scheduler.run_until(now + HOUR)
    dues = await scheduler.sent(CallbackDue)
    rows = await scheduler.query("SELECT service_id, explanation FROM completion")
    ended = {row["service_id"]: row["explanation"] for row in rows}
    for one in (vip, ordinary):
        assert [due.service_id for due in dues].count(one.service_id) == 1
        assert ended[one.service_id] != Explanation.WINDOW_MISSED
    first = [due.service_id for due in dues[:2]]
    assert vip.service_id not in first and ordinary.service_id not in first, "complaints come first"
    assert {due.scenario for due in dues} == {Scenario.COMPLAINT, Scenario.AFTER_SALE, Scenario.USAGE}


async def test_after_a_long_halt_the_most_urgent_goes_first_though_more_than_a_pass_can_look_at_fell_due_before_it(
    scheduler: ServiceUnderTest,
) -> None:
    ordinary = [a_completion(scenario="usage", completed_at=NOW - 24 * HOUR) for _ in range(12)]
    complaint = a_completion(completed_at=NOW, handled_at=NOW)
    await scheduler.receive(*ordinary)
    await scheduler.step_to(NOW + 3 * HOUR)
    await scheduler.receive(complaint)
    async with scheduler.runtime.reading() as connection:
        (first,) = await releases.due(connection, NOW + 4 * HOUR, 1, notices="")
        everything = await releases.due(connection, NOW + 4 * HOUR, 1000, notices="")
        row = await connection.fetchrow(
            "SELECT callback_id FROM callback JOIN completion USING (completion_ref) WHERE service_id = $1",
            complaint.service_id,
        )
    assert first.callback_id == row["callback_id"]
    assert len({each.callback_id for each in everything}) == len(everything) == 13
