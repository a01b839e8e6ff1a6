"""A recording is linked to its contact only when the customer was told, and only for its time."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.survey.app import SERVICE
from tests.integration.survey.builders import NOW
from tests.integration.survey.calls import a_call_waits, an_agent

URL = "https://recordings.example.com/2026/10/20/4711.ogg"
CONTACT = "/survey/api/v1/callbacks/cb-1/contacts/1/recording"


@pytest.fixture
async def survey(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service


async def test_a_recording_is_kept_for_its_time_and_shown_for_a_reason(survey: ServiceUnderTest) -> None:
    supervisor = await survey.client(Role.SUPERVISOR, login="supervisor-a")
    await a_call_waits(survey)
    said = {"url": URL, "notice_given": True}
    assert (await supervisor.put(CONTACT, json=said)).status_code == 404, "nobody was called yet"
    agent = await an_agent(survey)
    await agent.steps("claim", "dial")
    assert (await supervisor.put(CONTACT, json=said | {"notice_given": False})).status_code == 422
    assert (await supervisor.put(CONTACT, json=said | {"url": "javascript:alert(1)"})).status_code == 422
    assert (await supervisor.put(CONTACT, json=said | {"keep_days": 30})).status_code == 204
    [stored] = await survey.query("SELECT sealed FROM recording")
    assert "recordings.example.com" not in stored["sealed"]
    assert (await supervisor.post(f"{CONTACT}/reveal", json={"reason": ""})).status_code == 422
    shown = (await supervisor.post(f"{CONTACT}/reveal", json={"reason": "客户投诉复核"})).json()
    assert (shown["url"], shown["linked_by"]) == (URL, "supervisor-a")
    audited = await survey.query("SELECT action, reason FROM staff.audit_page(NULL, 10, NULL)")
    assert ("revealed", "客户投诉复核") in {tuple(row.values()) for row in audited}
    assert (
        await (await survey.client(Role.AGENT)).post(f"{CONTACT}/reveal", json={"reason": "好奇"})
    ).status_code == 403
    await survey.run_until(NOW + timedelta(days=29))
    assert len(await survey.query("SELECT 1 FROM recording")) == 1
    await survey.run_until(NOW + timedelta(days=30, minutes=2))
    assert await survey.query("SELECT 1 FROM recording") == []
    assert (await supervisor.post(f"{CONTACT}/reveal", json={"reason": "再看一次"})).status_code == 404


async def test_the_page_links_a_recording_tells_until_when_and_shows_it_for_a_reason(survey: ServiceUnderTest) -> None:
    supervisor = await survey.client(Role.SUPERVISOR, login="supervisor-b")
    await a_call_waits(survey)
    page = "/survey/recordings/cb-1/1"
    assert (await supervisor.get(page)).status_code == 404, "nobody was called yet"
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    await agent.post("wrapup", disposition="break_off")
    assert f'href="{page}"' in (await supervisor.get("/survey/records/cb-1/sheet")).text
    for form, field in [
        ({"url": "javascript:alert(1)", "told": "yes"}, "url"), ({"url": URL}, "told"),
        ({"url": URL, "told": "yes", "keep_days": "-3"}, "keep_days"),
    ]:  # fmt: skip
        wrong = await supervisor.post(page, data=form)
        assert wrong.status_code == 422, field
        assert await survey.query("SELECT 1 FROM recording") == []
    assert (await supervisor.post(page, data={"url": URL, "told": "yes", "keep_days": "400"})).status_code == 303
    [stored] = await survey.query("SELECT keep_until FROM recording")
    assert stored["keep_until"] == NOW + timedelta(days=90), "no longer than the house keeps"
    assert (await supervisor.post(page, data={"url": URL, "told": "yes", "keep_days": "30"})).status_code == 303
    shown = (await supervisor.get("/survey/recordings")).text
    assert "11 月 19 日" in shown
    assert "supervisor-b" in shown and "lin" in shown
    assert URL not in shown + (await supervisor.get(page)).text
    assert (await supervisor.post(f"{page}/reveal", data={"reason": "好奇"})).status_code == 422
    revealed = await supervisor.post(f"{page}/reveal", data={"reason": "质检抽查"})
    assert URL in revealed.text
    assert revealed.headers["cache-control"] == "no-store"
    audited = await survey.query("SELECT action, reason FROM staff.audit_page(NULL, 10, NULL)")
    assert ("revealed", "质检抽查") in {tuple(row.values()) for row in audited}
    assert (await (await survey.client(Role.AGENT)).get("/survey/recordings")).status_code == 403
    assert (await supervisor.post(f"{page}/remove")).status_code == 303
    assert await survey.query("SELECT 1 FROM recording") == []
