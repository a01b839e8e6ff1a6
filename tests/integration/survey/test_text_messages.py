"""Text messages by an HTTP gateway, a process of its own: once for each permit, whatever the gateway does."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.survey import AttemptClosed
from contracts.vocabulary import Channel, Disposition
from services.survey.app import SERVICE
from tests.integration.outside import Outside
from tests.integration.survey.builders import HOUR, NAME, NOW, PHONE, a_permit
from tests.integration.survey.calls import an_agent

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    outside = Outside(tmp_path_factory.mktemp("gateway"))
    await outside.start()
    try:
        yield outside
    finally:
        outside.stop()


@pytest.fixture(scope="module")
async def running_survey(infra: Infra, gateway: Outside) -> AsyncIterator[ServiceUnderTest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFTERCALL_SMS_URL", f"http://127.0.0.1:{gateway.port}/messages")
        patch.setenv("AFTERCALL_SMS_TOKEN", "token-of-the-gateway")
        async with running(SERVICE, infra, now=NOW) as service:
            yield service


@pytest.fixture
def survey(running_survey: ServiceUnderTest, gateway: Outside) -> ServiceUnderTest:
    gateway.behave("ok")
    gateway.answer_with({"status": "delivered"})
    gateway.outcome(None)
    return running_survey


async def a_text(survey: ServiceUnderTest, name: str) -> None:
    await survey.receive(await a_permit(survey, callback=name, ref=f"customer-of-{name}", channel="sms"))
    await survey.tick()


async def a_call(survey: ServiceUnderTest, name: str, **given: Any) -> None:
    """That may start now, whatever the clock has come to."""
    now = await survey.runtime.now()
    hours = {"begins": now - HOUR, "ends": now + HOUR}
    given |= {"intervals": [hours], "deadline": now + 20 * HOUR, "not_after": now + 44 * HOUR, "channel": "phone"}
    await survey.receive(await a_permit(survey, callback=name, ref=f"customer-of-{name}", **given))


async def ends(survey: ServiceUnderTest, name: str) -> list[tuple[Disposition, str | None]]:
    return [(e.disposition, e.detail) for e in await survey.sent(AttemptClosed) if e.callback_id == name]


async def later(survey: ServiceUnderTest, minutes: int) -> None:
    await survey.run_until(await survey.runtime.now() + minutes * MINUTE)


async def test_a_text_message_brings_the_link_and_names_nobody(survey: ServiceUnderTest, gateway: Outside) -> None:
    await a_text(survey, "told")
    request = gateway.taken()[-1]
    body = json.loads(request["body"])
    assert (body["to"], request["headers"]["authorization"]) == (PHONE, "Bearer token-of-the-gateway")
    assert request["headers"]["idempotency-key"] == body["id"]
    assert re.search(r"/q/[0-9a-z]{16}", body["text"])
    assert all(word not in body["text"] for word in (NAME, "JSQ30", "不出热水"))
    assert await ends(survey, "told") == [(Disposition.DELIVERED, None)]


@pytest.mark.parametrize("mode", ["500", "cut", "429", "401"])
async def test_a_gateway_in_trouble_gets_the_message_again_under_its_key(
    survey: ServiceUnderTest, gateway: Outside, mode: str
) -> None:
    gateway.behave(mode)
    await a_text(survey, f"again-{mode}")
    assert await ends(survey, f"again-{mode}") == []
    first = gateway.turned_away()[-1]["headers"]["idempotency-key"]
    gateway.behave("ok")
    await later(survey, 2)
    assert gateway.taken()[-1]["headers"]["idempotency-key"] == first
    assert await ends(survey, f"again-{mode}") == [(Disposition.DELIVERED, None)]


async def test_a_number_that_the_gateway_refuses_bounces_at_once(survey: ServiceUnderTest, gateway: Outside) -> None:
    gateway.behave("422")
    await a_text(survey, "refused")
    assert await ends(survey, "refused") == [(Disposition.BOUNCED, "the gateway answered 422")]
    assert (await survey.query("SELECT state FROM link WHERE callback_id = 'refused'"))[0]["state"] == "stopped"


@pytest.mark.parametrize(("outcome", "disposition"), [("delivered", "delivered"), ("failed", "bounced")])
async def test_what_the_gateway_has_taken_ends_as_it_tells_later(
    survey: ServiceUnderTest, gateway: Outside, outcome: str, disposition: str
) -> None:
    gateway.answer_with({"status": "accepted"})
    gateway.outcome("accepted")
    await a_text(survey, f"asked-{outcome}")
    sent = len(gateway.taken())
    await later(survey, 3)
    assert await ends(survey, f"asked-{outcome}") == []
    gateway.outcome(outcome)
    await later(survey, 15)
    assert [end[0] for end in await ends(survey, f"asked-{outcome}")] == [Disposition(disposition)]
    assert len(gateway.taken()) == sent, "asking sends nothing"


async def test_a_gateway_that_never_tells_more_delivered_it(survey: ServiceUnderTest, gateway: Outside) -> None:
    gateway.answer_with({"status": "accepted"})
    gateway.outcome("accepted")
    await a_text(survey, "silent")
    await later(survey, 90)
    assert [end[0] for end in await ends(survey, "silent")] == [Disposition.DELIVERED]


async def test_a_gateway_that_is_down_for_too_long_bounces_once(survey: ServiceUnderTest, gateway: Outside) -> None:
    gateway.stop()
    try:
        await a_text(survey, "down")
        await later(survey, 6 * 60)
    finally:
        await gateway.start()
    assert [end[0] for end in await ends(survey, "down")] == [Disposition.BOUNCED]


async def test_after_a_refusal_the_link_goes_by_text_when_the_customer_wants_it_so(survey: ServiceUnderTest) -> None:
    await a_call(survey, "refusing")
    agent = await an_agent(survey, "offering", callback="refusing")
    await agent.steps("claim", "dial", "connected")
    page = (await agent.client.get("/survey/call/refusing?path=refusal")).text
    assert page.index('name="online" value="sms"') < page.index('name="online" value="email"')
    said = await agent.post("wrapup", disposition="refusal", online_consented=True, online_channel="sms")
    assert said.status_code == 200, said.text
    [refused] = [one for one in await survey.sent(AttemptClosed) if one.callback_id == "refusing"]
    assert (refused.online_consented, refused.online_channel) == (True, Channel.SMS)


async def test_a_way_that_does_not_lead_to_the_customer_is_refused(survey: ServiceUnderTest) -> None:
    await a_call(survey, "no-mail", email=None)
    agent = await an_agent(survey, "asking", callback="no-mail")
    await agent.steps("claim", "dial", "connected")
    said = await agent.post("wrapup", disposition="refusal", online_consented=True, online_channel="email")
    assert (said.status_code, said.json()["errors"][0]["field"]) == (422, "online_channel")
    assert 'value="email"' not in (await agent.client.get("/survey/call/no-mail?path=refusal")).text
