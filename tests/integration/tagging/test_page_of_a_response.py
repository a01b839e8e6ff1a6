from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from tests.integration.tagging.builders import a_response

BROWSER = {"accept": "text/html"}


async def test_a_supervisor_sees_the_evidence_marked_and_an_analyst_no_words(tagging: ServiceUnderTest) -> None:
    response = await a_response(tagging, 2, "客服态度很差。")
    await tagging.receive(response)
    supervisor, analyst = await tagging.client(Role.SUPERVISOR), await tagging.client(Role.ANALYST)
    path = f"/tagging/responses/{response.response_id}"
    assert "<mark>态度很差</mark>" in (await supervisor.get(path, headers=BROWSER)).text
    seen = (await analyst.get(path, headers=BROWSER)).text
    assert "态度很差" not in seen
    assert "态度问题" in seen
    assert response.response_id in (await analyst.get("/tagging/responses", headers=BROWSER)).text


async def test_agents_and_departments_have_no_business_here(tagging: ServiceUnderTest) -> None:
    for role in (Role.AGENT, Role.DEPARTMENT):
        client = await tagging.client(role)
        assert (await client.get("/tagging/responses")).status_code == 403
