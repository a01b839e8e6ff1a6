from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from services.scheduler.handlers.replaying import NothingToReplay, TooMuchToReplay, past_of
from services.scheduler.simulate.comparison import compare
from services.scheduler.simulate.levers import Levers, varied
from services.scheduler.simulate.outcomes import observe
from services.scheduler.simulate.regimes import Proposed
from services.scheduler.simulate.replay import replay
from tests.integration.scheduler.builders import a_completion
from tests.integration.scheduler.busy_days import BusyDays

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


@pytest.mark.parametrize("seed", [2])
async def test_the_policies_that_decided_reproduce_the_schedule_without_a_difference(
    scheduler: ServiceUnderTest, seed: int
) -> None:
    await BusyDays(scheduler, seed).live(steps=24, services=20)
    past = await past_of(scheduler.runtime, *OCTOBER)
    replayed = replay(past.history, past.as_it_was, observe(past.history.callbacks, seed=1))
    assert replayed.differences == []
    assert len(past.as_it_was.capacities) == 1, "the shifts by which releases went were kept"
    # everything that makes it hard did happen
    plans = [plan for callback in past.history.callbacks for permit in callback.permits for plan in permit.plans]
    kinds = Counter(permit.kind for callback in past.history.callbacks for permit in callback.permits)
    ends = Counter(callback.explanation for callback in past.history.callbacks)
    assert "capacity" in {plan.put_off for plan in plans}
    assert min(kinds["retry"], kinds["agreed"]) > 0
    assert min(ends["complete"], ends["opted_out"], ends["no_contact_data"], ends["suppressed_by_budget"]) > 0
    assert any(row.corrections for row in past.history.completions)
    assert any(not callback.is_survey for callback in past.history.callbacks)
    unchanged = compare(
        past.history, past.as_it_was, Proposed(varied(past.rules, Levers()), past.as_it_was.named), seed=1, score_sd=1.0
    )
    assert unchanged.changed == [] and unchanged.after.ends == unchanged.before.ends


def fewer_agents(folder: Path) -> str:
    """A file of shifts in which seniors take two calls an hour."""
    file = folder / "fewer.toml"
    file.write_text(
        "".join(
            f'[[shifts]]\nskill = "{skill}"\nfrom = "08:00"\nto = "21:00"\nworking_day = 2\nother_day = 2\n'
            for skill in ("general", "senior")
        )
    )
    return str(file)


async def test_decisions_of_one_instant_by_different_shifts_are_each_repeated_by_their_own(
    scheduler: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """While processes are replaced, one goes by the shifts of before and one by the new ones."""
    step = timedelta(hours=1)

    async def complaints(many: int) -> None:
        completed = await scheduler.runtime.now() - timedelta(hours=3)
        documents = [a_completion(scenario="complaint", completed_at=completed) for _ in range(many)]
        await scheduler.receive(*[
            one.model_copy(update={"customer": one.customer.model_copy(update={"phone": f"138{next(numbers):08d}"})})
            for one in documents
        ])  # fmt: skip
        await scheduler.tick()

    numbers = count(13800000)
    await complaints(6)
    monkeypatch.setenv("AFTERCALL_SCHEDULER_CAPACITY", fewer_agents(tmp_path))
    monkeypatch.setattr("services.scheduler.handlers.shifts.STARTED", datetime.max.replace(tzinfo=UTC))
    await complaints(6)
    monkeypatch.delenv("AFTERCALL_SCHEDULER_CAPACITY")
    monkeypatch.setattr("services.scheduler.handlers.shifts.STARTED", datetime.min.replace(tzinfo=UTC))
    await complaints(6)
    for _ in range(4):
        await scheduler.run_until(await scheduler.runtime.now() + step)
        await complaints(6)
    past = await past_of(scheduler.runtime, *OCTOBER)
    assert len(past.as_it_was.capacities) == 2
    decided = Counter(permit.shifts for callback in past.history.callbacks for permit in callback.permits)
    assert len(decided) > 1, "both released something"
    assert replay(past.history, past.as_it_was, observe(past.history.callbacks, seed=1)).differences == []


async def test_a_span_is_read_without_leave_to_write(
    scheduler: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scheduler.receive(a_completion())

    async def writes(connection: asyncpg.Connection) -> None:
        await connection.execute("DELETE FROM permit")

    monkeypatch.setattr("services.scheduler.handlers.replaying.past.published", writes)
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await past_of(scheduler.runtime, *OCTOBER)


async def test_a_span_without_services_or_with_too_many_is_refused(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion(), a_completion())
    with pytest.raises(NothingToReplay, match="no service completed from 2026-09-01 to 2026-09-30"):
        await past_of(scheduler.runtime, date(2026, 9, 1), date(2026, 9, 30))
    with pytest.raises(TooMuchToReplay):
        await past_of(scheduler.runtime, *OCTOBER, most=1)


async def test_the_page_compares_and_says_what_is_wrong_with_a_form(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(*[a_completion() for _ in range(5)])
    await scheduler.tick()
    analyst = await scheduler.client(Role.ANALYST)
    assert "还没有比较" in (await analyst.get("/scheduler/whatif")).text
    span = {"first": "2026-10-01", "last": "2026-10-31"}
    page = await analyst.get("/scheduler/whatif", params={**span, "agents": "50"})
    assert page.status_code == 200 and "差异 0 处" in page.text
    english = await analyst.get("/scheduler/whatif", params={**span, "lang": "en"})
    assert "with 0 differences" in english.text
    for wrong, why in (
        ({"first": "2026-13-01"}, "2026-13-01 is no date"),
        ({"last": "2026-09-01"}, "no earlier than the first"),
        ({"ratio": "5"}, "below the floor"),
        ({"deadline_hours": "x"}, "A number above 0"),
        ({"first": "2026-01-01", "last": "2026-01-31"}, "No service was completed"),
    ):
        refused = await analyst.get("/scheduler/whatif", params={**span, **wrong})
        assert (refused.status_code, why in refused.text) == (422, True), why
    agent = await scheduler.client(Role.AGENT)
    assert (await agent.get("/scheduler/whatif")).status_code == 403
