from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.vocabulary import Scenario
from services.scheduler.configured import configured_rules
from tests.integration.scheduler.builders import a_completion
from tests.integration.scheduler.test_publishing import published, with_ratio


async def test_every_scenario_is_shown_with_its_version_and_the_rows_that_name_it(scheduler: ServiceUnderTest) -> None:
    admin = await scheduler.client(Role.ADMIN)
    assert "还没有生效的政策" in (await admin.get("/scheduler/scenarios")).text
    await scheduler.receive(a_completion(), a_completion())
    page = await admin.get("/scheduler/scenarios")
    policies = configured_rules().policies
    assert all(version in page.text for version in policies.versions.values())
    complaint = await admin.get("/scheduler/scenarios/complaint")
    assert complaint.status_code == 200
    for told in ("complaint.toml:", "house.toml:", "第 1 版", "2 行", "24 小时", "这是第一版"):
        assert told in complaint.text, told


async def test_a_change_is_a_new_version_beside_the_one_before(scheduler: ServiceUnderTest) -> None:
    await scheduler.receive(a_completion())
    await published(scheduler, with_ratio(configured_rules().policies, Scenario.USAGE, "0.25"))
    supervisor = await scheduler.client(Role.SUPERVISOR)
    newest = (await supervisor.get("/scheduler/scenarios/usage", params={"lang": "en"})).text
    assert "Version 2" in newest and "25.0%" in newest and "10.0%" in newest and "admin-1" in newest
    first = (await supervisor.get("/scheduler/scenarios/usage/1", params={"lang": "zh-CN"})).text
    assert "这是第一版" in first and "25.0%" not in first
    for nowhere in ("usage/3", "usage/0", "nothing", "house/2"):
        assert (await supervisor.get(f"/scheduler/scenarios/{nowhere}")).status_code == 404, nowhere
    assert (await supervisor.get("/scheduler/scenarios/house")).status_code == 200
    analyst = await scheduler.client(Role.ANALYST)
    assert (await analyst.get("/scheduler/scenarios")).status_code == 403
