"""What tagging says of a customer stands beside the service, before the agent calls."""

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.tagging import CustomerMark, CustomerTagged, CustomerTagSheet
from contracts.vocabulary import CustomerRef
from tests.integration.survey.builders import MONTH, NOW, REF
from tests.integration.survey.calls import a_call_waits


async def a_telling(survey: ServiceUnderTest, revision: int, *codes: str) -> CustomerTagged:
    keys = await survey.runtime.vault.keyring(facts=[MONTH])
    sheet = CustomerTagSheet(marks=tuple(CustomerMark(code=c, because="low_scores", seen=3, limit=2) for c in codes))
    tags = keys.seal_facts(MONTH, REF, "customer_tags", sheet)
    return CustomerTagged(customer_ref=CustomerRef(REF), tags=tags, revision=revision, tagged_at=NOW)


async def test_the_agent_sees_the_newest_tags_with_why_before_the_call(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    newest = await a_telling(survey, 2, "complaint_risk")
    await survey.receive(newest, newest)
    await survey.receive(await a_telling(survey, 1, "active_suggester"))
    agent = await survey.client(Role.AGENT)
    shown = (await agent.get("/survey/queue", headers={"accept": "text/html"})).text
    assert "投诉风险客户" in shown
    assert "一年内低分 3 次" in shown
    assert "建议活跃客户" not in shown


async def test_tags_that_were_taken_back_are_gone(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    await survey.receive(await a_telling(survey, 1, "complaint_risk"), await a_telling(survey, 2))
    agent = await survey.client(Role.AGENT)
    assert "客户标签" not in (await agent.get("/survey/queue", headers={"accept": "text/html"})).text
