"""The agent's pages as plain forms, and who saw a number."""

import httpx

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded
from contracts.vocabulary import Disposition, ResponseStatus
from tests.integration.survey.builders import PHONE
from tests.integration.survey.calls import a_call_waits

CALL = "/survey/call/cb-1"


async def send(agent: httpx.AsyncClient, step: str, **form: str) -> httpx.Response:
    """Posts a form and follows to the page that comes after it."""
    return await agent.post(f"{CALL}/{step}", data=form, headers={"Accept": "text/html"}, follow_redirects=True)


async def talking(survey: ServiceUnderTest) -> httpx.AsyncClient:
    await a_call_waits(survey)
    agent = await survey.client(Role.AGENT, login="lin")
    for step in ("claim", "dial", "connected", "identity", "consent"):
        assert (await send(agent, step)).status_code == 200, step
    return agent


async def test_a_call_by_forms_alone_ends_complete(survey: ServiceUnderTest) -> None:
    agent = await talking(survey)
    for question, value in (("overall", "5"), ("response_speed", "2"), ("competence", "4"), ("attitude", "5")):
        page = await send(agent, f"answer/p1/{question}", kind="rating", value=value)
        assert page.status_code == 200
    await send(agent, "answer/p1/clarity", state="refused")
    await send(agent, "answer/p1/solved", kind="solved", value="yes")
    await send(agent, "answer/p1/nps", kind="nps", value="10")
    page = await send(agent, "hangup")
    assert "还缺 1 项必答" in page.text
    assert (await send(agent, "wrapup", disposition="complete")).status_code == 422
    await send(agent, "answer/p1/reason", kind="text", value="等了三天")
    assert (await send(agent, "wrapup", disposition="complete")).status_code == 200
    [attempt] = await survey.sent(AttemptClosed)
    assert attempt.disposition is Disposition.COMPLETE
    final = [response for response in await survey.sent(ResponseRecorded) if response.final]
    assert [response.status for response in final] == [ResponseStatus.COMPLETE]


async def test_service_details_wait_for_identity(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await survey.client(Role.AGENT, login="lin")
    assert "JSQ30-A" in (await send(agent, "claim")).text
    for step in ("dial", "connected"):
        page = await send(agent, step)
        assert "JSQ30-A" not in page.text and "不出热水" not in page.text
    assert "JSQ30-A" in (await send(agent, "identity")).text


async def test_the_number_shows_while_dialling_and_then_only_for_a_reason(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await survey.client(Role.AGENT, login="lin")
    assert PHONE not in (await send(agent, "claim")).text
    assert PHONE in (await send(agent, "dial")).text
    assert PHONE not in (await send(agent, "connected")).text
    refused = await send(agent, "reveal", reason="")
    assert refused.status_code == 422 and PHONE not in refused.text
    shown = await send(agent, "reveal", reason="核对客户说的号码")
    assert PHONE in shown.text and shown.headers["refresh"].startswith("60;")
    admin = await survey.client(Role.ADMIN, login="root")
    audit = (await admin.get("/staff/audit", headers={"Accept": "text/html"})).text
    assert "拨打时查看号码" in audit and "查看完整号码" in audit and "核对客户说的号码" in audit
    assert PHONE not in audit


async def test_a_promise_by_form_is_made_once_and_a_gap_keeps_what_was_written(survey: ServiceUnderTest) -> None:
    agent = await talking(survey)
    wrong = await send(agent, "promise", what="说明改进办法", department="", workdays="2", key="1")
    assert wrong.status_code == 422 and "说明改进办法" in wrong.text
    for _ in range(2):
        await send(agent, "promise", what="说明改进办法", department="repair", workdays="2", key="1")
    assert len(await survey.sent(PromiseMade)) == 1


async def test_an_opt_out_asks_once_more(survey: ServiceUnderTest) -> None:
    agent = await talking(survey)
    await send(agent, "hangup")
    assert (await send(agent, "wrapup", disposition="opted_out")).status_code == 422
    assert await survey.sent(AttemptClosed) == []
    await send(agent, "wrapup", disposition="opted_out", sure="1")
    assert [attempt.disposition for attempt in await survey.sent(AttemptClosed)] == [Disposition.OPTED_OUT]


async def test_every_page_of_a_call_opens_in_english_too(survey: ServiceUnderTest) -> None:
    agent = await talking(survey)
    for page in ("/survey/queue", CALL, f"{CALL}?path=soothing", f"{CALL}?path=refusal", f"{CALL}?at=p1.nps"):
        answer = await agent.get(page, params={"lang": "en"} if "?" not in page else None)
        assert answer.status_code == 200, page
    other = await survey.client(Role.AGENT, login="xu")
    assert (await other.get(CALL, headers={"Accept": "text/html"})).status_code == 403
    assert "lin" in (await other.get("/survey/queue")).text
