"""Each bad input has its row and its reason on the page that says why."""

from datetime import timedelta

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.scheduler import CallbackClosed, CallbackDue
from contracts.vocabulary import Channel, Explanation, Scenario
from services.scheduler.configured import configured_rules
from services.scheduler.policy import Pilot
from services.scheduler.policy_versions import policy_set
from tests.integration.scheduler.builders import NOW, a_completion
from tests.integration.scheduler.test_publishing import published

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

BAD_INPUT = {
    "unknown zone": ({"customer": {"timezone": "Mars/Olympus"}}, "时区未知", "未进入抽样框"),
    "no phone and no e-mail": ({"customer": {"phone": None}}, "必抽层", "没有可用的联系方式"),
    "no readable phone": ({"customer": {"phone": "12"}}, "电话号码无法识别", "没有可用的联系方式"),
    "completed 40 days ago": ({"completed_at": NOW - 40 * DAY}, "早于回溯期限", "不在抽样框内"),
    "completed in the future": ({"completed_at": NOW + DAY}, "完成时间在未来", "未进入抽样框"),
    "handled in the future": ({"handled_at": NOW + DAY}, "处理时间在未来", "未进入抽样框"),
    "handled 31 days from completed": ({"handled_at": NOW - 31 * DAY - 2 * HOUR}, "超过 30 天", "未进入抽样框"),
    "unknown scenario": ({"scenario": "never heard of"}, "场景未知", "未进入抽样框"),
}


async def test_the_why_page_shows_the_verdict_and_the_reason_of_each_bad_input(scheduler: ServiceUnderTest) -> None:
    documents = {name: a_completion(**fields) for name, (fields, _, _) in BAD_INPUT.items()}
    await scheduler.receive(*documents.values())
    client = await scheduler.client(Role.ANALYST)
    for name, (_, reason, verdict) in BAD_INPUT.items():
        page = await client.get(f"/scheduler/why/crm-east/{documents[name].service_id}")
        assert reason in page.text, name
        assert verdict in page.text, name
    (count,) = await scheduler.query("SELECT count(*) FROM completion WHERE explanation IS NOT NULL")
    assert count["count"] == len(BAD_INPUT), "nothing is lost and nothing stays open"


@pytest.mark.parametrize(("email", "channel"), [("k@example.com", Channel.EMAIL), (None, None)])
async def test_a_channel_on_trial_with_others_falls_back_or_the_why_page_names_the_pilot(
    scheduler: ServiceUnderTest, email: str | None, channel: Channel | None
) -> None:
    policies = configured_rules().policies
    before = policies.scenarios[Scenario.COMPLAINT]
    trial = before.model_copy(update={"channel_pilots": {Channel.PHONE: Pilot(share=0.0)}})
    others = [policy for policy in policies.scenarios.values() if policy is not before]
    await published(scheduler, policy_set(policies.house, [*others, trial]))
    await scheduler.step_to(NOW + HOUR)
    document = a_completion(completed_at=NOW + HOUR, handled_at=NOW + HOUR, customer={"email": email})
    await scheduler.receive(document)
    await scheduler.run_until(NOW + 8 * HOUR)
    assert [due.channel for due in await scheduler.sent(CallbackDue)] == ([channel] if channel else [])
    client = await scheduler.client(Role.ANALYST)
    page = await client.get(f"/scheduler/why/crm-east/{document.service_id}")
    told = (await client.get(f"/scheduler/api/v1/services/crm-east/{document.service_id}")).json()
    if channel is None:
        (closed,) = await scheduler.sent(CallbackClosed)
        assert closed.explanation is Explanation.NO_CONTACT_DATA
        assert "渠道在小范围试点，这位客户不在其中" in page.text
        assert "没有可用的联系方式" not in page.text
    assert ("channel_pilot" in told["warnings"]) == (channel is None)
