from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import SamplingPeriodOpened, ServiceAccepted
from contracts.vocabulary import Scenario
from services.scheduler.configured import configured_rules
from services.scheduler.handlers.in_force import rules_in_force, rules_to_read
from services.scheduler.handlers.publishing import publish
from services.scheduler.policy import PolicySet
from services.scheduler.policy_versions import policies_in, policy_set
from services.scheduler.store import policies as store
from tests.integration.scheduler.builders import NOW, a_completion

MINUTE = timedelta(minutes=1)


def with_ratio(policies: PolicySet, scenario: Scenario, ratio: str) -> PolicySet:
    before = policies.scenarios[scenario]
    sampling = before.sampling.model_copy(update={"ratio": Decimal(ratio), "expected": {"other": 500}})
    others = [policy for policy in policies.scenarios.values() if policy is not before]
    return policy_set(policies.house, [*others, before.model_copy(update={"sampling": sampling})])


async def published(scheduler: ServiceUnderTest, policies: PolicySet) -> None:
    async with scheduler.runtime.transaction() as tx:
        rules = await rules_in_force(tx)
        await store.lock(tx.connection)
        await publish(tx, rules, policies, by="admin-1")


async def test_each_ledger_row_names_a_version_whose_content_is_stored(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion(), a_completion(scenario="usage"))
    rows = await scheduler.query(
        "SELECT c.scenario, c.policy_version, p.content, p.scenario AS of FROM completion AS c "
        "JOIN policy AS p ON p.version = c.policy_version"
    )
    assert {row["scenario"] for row in rows} == {row["of"] for row in rows} == {"complaint", "usage"}
    for row in rows:
        content = {"house": row["content"]["house"], "scenarios": {row["of"]: row["content"]["scenario"]}}
        assert policies_in(content).versions[Scenario(row["of"])] == row["policy_version"]


async def test_a_published_change_holds_for_what_is_completed_after_its_instant(scheduler: ServiceUnderTest) -> None:
    first = with_ratio(configured_rules().policies, Scenario.USAGE, "0.1")
    await published(scheduler, first)
    await scheduler.step_to(NOW + 60 * MINUTE)
    await scheduler.receive(a_completion(scenario="usage", completed_at=NOW + 30 * MINUTE))
    doubled = with_ratio(first, Scenario.USAGE, "0.2")
    await published(scheduler, doubled)
    opened, revised = await scheduler.sent(SamplingPeriodOpened)
    assert revised.secret_digest == opened.secret_digest
    assert [edition.version for edition in revised.editions][-1] == doubled.version
    usage = {rate.rate_version: rate for rate in revised.rates if rate.stratum == "usage/other"}
    valid_from = usage[3].valid_from
    assert valid_from is not None and valid_from > NOW + 60 * MINUTE
    assert (usage[1].rate, usage[2].rate, usage[3].rate > 0.2) == (1.0, 0.134, True)
    await scheduler.step_to(NOW + 120 * MINUTE)
    before = a_completion(scenario="usage", completed_at=valid_from - MINUTE)
    after = a_completion(scenario="usage", completed_at=valid_from + MINUTE)
    await scheduler.receive(after, before)
    told = {one.service_id: one for one in await scheduler.sent(ServiceAccepted)}
    assert (told[before.service_id].rate_version, told[after.service_id].rate_version) == (2, 3)
    assert told[before.service_id].policy_version == first.versions[Scenario.USAGE]
    assert told[after.service_id].policy_version == doubled.versions[Scenario.USAGE]


@pytest.mark.parametrize(
    "change",
    ["UPDATE policy SET content = '{}'", "DELETE FROM policy_edition", "UPDATE stratum_rate SET thousandths = 1"],
)
async def test_the_past_is_never_edited(scheduler: ServiceUnderTest, change: str) -> None:
    await scheduler.receive(a_completion())
    with pytest.raises(asyncpg.RestrictViolationError, match="publish a new version"):
        await scheduler.query(change)


async def test_an_older_process_does_not_bring_its_files_back(scheduler: ServiceUnderTest) -> None:
    newer = with_ratio(configured_rules().policies, Scenario.USAGE, "0.3")
    async with scheduler.runtime.transaction() as tx:
        await publish(tx, await rules_in_force(tx), newer, by="files")
    await scheduler.receive(a_completion())
    async with scheduler.runtime.reading() as connection:
        assert (await rules_to_read(connection)).policies.version == newer.version


async def test_an_undrawn_change_of_nothing_tells_nothing_anew(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion(), a_completion())
    await scheduler.receive(a_completion())
    assert len(await scheduler.sent(SamplingPeriodOpened)) == 1
    assert len(await scheduler.query("SELECT 1 FROM policy_edition")) == 1


async def test_a_customer_outside_the_pilot_is_out_of_frame_with_that_reason(scheduler: ServiceUnderTest) -> None:
    policies = configured_rules().policies
    before = policies.scenarios[Scenario.BETA]
    nobody = before.model_copy(update={"pilot": before.pilot.model_copy(update={"share": 0.0})})
    others = [policy for policy in policies.scenarios.values() if policy is not before]
    await published(scheduler, policy_set(policies.house, [*others, nobody]))
    await scheduler.step_to(NOW + 60 * MINUTE)
    await scheduler.receive(a_completion(scenario="beta", completed_at=NOW + 59 * MINUTE))
    (told,) = await scheduler.sent(ServiceAccepted)
    assert (told.verdict, told.reason) == ("out_of_frame", "outside_pilot")
