"""An agent clicks: the exchange rings the agent's telephone, then the customer's, and tells what it saw."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chassis.access.roles import Role
from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import Disposition
from launcher.telephony.rtp import Call
from services.survey.ivr import settings
from tests.integration.survey.calls import AgentAt, an_agent
from tests.integration.telephony.customers import AGENT_HUMS, CUSTOMER_HUMS
from tests.integration.telephony.stack import Stack
from tests.integration.telephony.tapes import records, seconds_of, settled, sound_of

PAGE = "/survey/call"
_CLIENTS: dict[str, httpx.AsyncClient] = {}
"""By login: an account is made once for the stack that all tests here share."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desks(stack: Stack) -> AsyncIterator[Stack]:
    """Two agents with extensions; one of them never takes the telephone."""
    given = stack.settings
    extensions = {name: given.endpoint.format(number=f"desk-{name}") for name in ("lin", "away")}
    told = {
        "URL": given.url, "PASSWORD": given.password, "APP": given.app, "SOUNDS": str(given.sounds),
        "EXTENSIONS": json.dumps(extensions),
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        for name, value in told.items():
            patched.setenv(f"{settings.PREFIX}{name}", value)
        await stack.stop_work()
        stack.work()
        yield stack
        await stack.stop_work()
        _CLIENTS.clear()


async def _row(stack: Stack, name: str, column: str) -> Any:
    """The value of this column once there is one."""
    async with asyncio.timeout(60):
        while True:
            rows = await stack.survey.query("SELECT * FROM agent_call WHERE callback_id = $1", name)
            if rows and rows[0][column] is not None:
                return rows[0][column]
            await asyncio.sleep(0.05)


async def _agent(stack: Stack, login: str, name: str) -> AgentAt:
    if login not in _CLIENTS:
        _CLIENTS[login] = (await an_agent(stack.survey, login)).client
    return AgentAt(_CLIENTS[login], name)


async def _waits(call: Call) -> None:
    await call.ended()


async def _page(agent: AgentAt) -> str:
    answer = await agent.client.get(f"{PAGE}/{agent.callback}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_click_rings_the_agent_then_the_customer_and_both_talk_until_the_wrap_up(desks: Stack) -> None:
    stack, heard = desks, []

    async def listens(call: Call) -> None:
        call.hum(AGENT_HUMS)
        await call.hears(CUSTOMER_HUMS)
        heard.append("agent")
        await call.ended()

    async def speaks(call: Call) -> None:
        call.hum(CUSTOMER_HUMS)
        await call.hears(AGENT_HUMS)
        heard.append("customer")
        await asyncio.sleep(1)
        call.hang_up()

    stack.telephone.numbers["desk-lin"] = listens
    number = await stack.permit("click", speaks, channel="phone")
    agent = await _agent(stack, "lin", "click")
    await agent.steps("claim")
    assert (await agent.post("dial")).json()["placed"] is True
    assert number not in await _page(agent)
    ended = await _row(stack, "click", "ended_at")
    [row] = await stack.survey.query(
        """SELECT wanted_at, agent_answered_at, customer_answered_at, early_at, ended_by, cause, connected_at,
               hung_up_at FROM agent_call JOIN interview USING (callback_id) JOIN lease USING (callback_id)
           WHERE callback_id = 'click'"""
    )
    assert sorted(heard) == ["agent", "customer"]
    assert row["wanted_at"] < row["agent_answered_at"] < row["customer_answered_at"] < ended
    assert (row["connected_at"], row["hung_up_at"]) == (row["customer_answered_at"], ended)
    assert (row["ended_by"], row["cause"], row["early_at"]) == ("customer", 16, None)
    [desk] = stack.telephone.calls["desk-lin"]
    assert desk.over.is_set()
    assert stack.telephone.invitations[number] == stack.telephone.invitations["desk-lin"] == 1
    assert (await agent.post("wrapup", disposition="break_off")).status_code == 200
    [end] = [one for one in await stack.survey.sent(AttemptClosed) if one.callback_id == "click"]
    assert (end.connected_at, end.ended_at) == (row["connected_at"], ended)


async def test_a_customer_is_told_of_the_recording_before_the_talk_that_is_recorded(desks: Stack) -> None:
    stack = desks

    async def listens(call: Call) -> None:
        call.hum(AGENT_HUMS)
        await call.hears(CUSTOMER_HUMS)
        await call.ended()

    async def speaks(call: Call) -> None:
        await call.hears(stack.tones["notice"])
        call.hum(CUSTOMER_HUMS)
        await call.hears(AGENT_HUMS)
        await asyncio.sleep(1)
        call.hang_up()

    stack.telephone.numbers["desk-lin"] = listens
    await stack.permit("click-taped", speaks, channel="phone")
    await stack.stop_work()
    records(stack)
    try:
        agent = await _agent(stack, "lin", "click-taped")
        await agent.steps("claim", "dial")
        assert await _row(stack, "click-taped", "ended_by") == "customer"
        row = await settled(stack, "click-taped")
    finally:
        await stack.stop_work()
        stack.work()
    assert row["state"] == "kept"
    sound = await sound_of(stack, row)
    assert seconds_of(sound, CUSTOMER_HUMS) > 0.2
    assert seconds_of(sound, AGENT_HUMS) > 0.2
    assert seconds_of(sound, stack.tones["notice"]) == 0
    assert not stack.heard(stack.telephone.calls["desk-lin"][-1], "notice")
    assert (await agent.post("wrapup", disposition="break_off")).status_code == 200


async def test_hanging_up_on_the_page_silences_both_telephones(desks: Stack) -> None:
    stack = desks
    stack.telephone.numbers["desk-lin"] = _waits
    await stack.permit("hangs-up", _waits, channel="phone")
    agent = await _agent(stack, "lin", "hangs-up")
    await agent.steps("claim", "dial")
    await _row(stack, "hangs-up", "customer_answered_at")
    await agent.steps("hangup")
    assert await _row(stack, "hangs-up", "ended_by") == "agent"
    async with asyncio.timeout(20):
        await stack.telephone.calls["desk-lin"][-1].ended()
        await stack.call("hangs-up").ended()
    assert (await agent.post("wrapup", disposition="break_off")).status_code == 200


async def test_a_worker_that_dies_leaves_the_talk_to_the_next_one(desks: Stack) -> None:
    stack = desks
    listening = asyncio.Event()

    async def listens(call: Call) -> None:
        await call.hears(CUSTOMER_HUMS)
        await listening.wait()
        call.heard.fresh.clear()  # what was heard before the change
        await call.hears(CUSTOMER_HUMS)
        call.hang_up()

    async def speaks(call: Call) -> None:
        call.hum(CUSTOMER_HUMS)
        await call.ended()

    stack.telephone.numbers["desk-lin"] = listens
    number = await stack.permit("goes-on", speaks, channel="phone")
    agent = await _agent(stack, "lin", "goes-on")
    await agent.steps("claim", "dial")
    await _row(stack, "goes-on", "customer_answered_at")
    await stack.stop_work()
    stack.work()
    await asyncio.sleep(1)  # the next worker looks at what is up
    listening.set()
    assert await _row(stack, "goes-on", "ended_by") == "agent"
    assert stack.telephone.failures == []
    assert stack.telephone.invitations[number] == 1
    assert (await agent.post("wrapup", disposition="break_off")).status_code == 200


async def test_answers_before_the_customer_took_the_call_are_flagged_by_what_the_exchange_told(desks: Stack) -> None:
    stack = desks
    stack.telephone.numbers["desk-lin"] = _waits
    number = await stack.permit("early", None, channel="phone")
    agent = await _agent(stack, "lin", "early")
    await agent.steps("claim", "dial")
    await _row(stack, "early", "agent_answered_at")
    assert "客户的电话正在响铃" in await _page(agent)
    await agent.steps("connected", "identity", "consent")
    assert (await agent.answer("overall", 5)).status_code == 200
    assert await _row(stack, "early", "cause") == 19
    assert await _row(stack, "early", "early_at") is not None
    assert (await agent.post("wrapup", disposition="break_off")).status_code == 200
    told = [one for one in await stack.survey.sent(ResponseRecorded) if one.callback_id == "early"]
    assert [(flag.code, flag.evidence) for flag in told[-1].flags] == [("before_connected", "not_connected")]
    assert stack.telephone.invitations[number] == 1


async def test_a_customer_who_is_busy_is_suggested_as_busy(desks: Stack) -> None:
    stack = desks
    stack.telephone.numbers["desk-lin"] = _waits
    await stack.permit("engaged", 486, channel="phone")
    agent = await _agent(stack, "lin", "engaged")
    await agent.steps("claim", "dial")
    assert await _row(stack, "engaged", "cause") == 17
    assert 'value="busy" required checked' in await _page(agent)
    assert (await agent.post("wrapup", disposition="busy")).status_code == 200
    [end] = [one for one in await stack.survey.sent(AttemptClosed) if one.callback_id == "engaged"]
    assert end.disposition is Disposition.BUSY


async def test_an_agent_who_does_not_take_the_telephone_dials_by_hand(desks: Stack) -> None:
    stack = desks
    stack.telephone.numbers["desk-away"] = None
    number = await stack.permit("away", 404, channel="phone")
    agent = await _agent(stack, "away", "away")
    await agent.steps("claim", "dial")
    assert await _row(stack, "away", "ended_by") == "agent"
    page = await _page(agent)
    assert f'href="tel:{number}"' in page
    assert "您的电话没有接听" in page
    assert number not in stack.telephone.invitations
    assert (await agent.steps("connected")).json()["connected_at"] is not None


async def test_whoever_has_no_extension_dials_by_hand(desks: Stack) -> None:
    stack = desks
    number = await stack.permit("by-hand", 404, channel="phone")
    agent = await an_agent(stack.survey, "zhou", role=Role.SENIOR_AGENT, callback="by-hand")
    await agent.steps("claim")
    assert (await agent.post("dial")).json()["placed"] is False
    assert f'href="tel:{number}"' in await _page(agent)
    assert await stack.survey.query("SELECT 1 FROM agent_call WHERE callback_id = 'by-hand'") == []
