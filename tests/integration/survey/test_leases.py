"""Two agents never hold one callback, and nothing stays in a hand that has gone."""

import asyncio
from datetime import timedelta

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import Disposition, NotAttempted
from tests.integration.survey.builders import HOUR, NOW, a_permit, cancelled, suppressed
from tests.integration.survey.calls import a_call_waits, an_agent

MINUTE = timedelta(minutes=1)


async def test_of_two_agents_who_claim_at_once_exactly_one_wins(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    first, second = await an_agent(survey, "lin"), await an_agent(survey, "xu")
    for _ in range(5):
        answers = await asyncio.gather(first.post("claim"), second.post("claim"))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        loser, winner = (first, second) if answers[0].status_code == 409 else (second, first)
        refused = answers[0] if loser is first else answers[1]
        assert "刚刚领取" in refused.json()["title"]
        assert (await loser.queue())["rows"][0]["held_by"] is not None
        await winner.steps("release")


async def test_an_agent_has_one_callback_in_hand(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    await a_call_waits(survey, callback="cb-2", ref="customer-2", phone="+8613800138001")
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "hangup")
    agent.callback = "cb-2"
    assert (await agent.post("claim")).status_code == 409
    agent.callback = "cb-1"
    assert (await agent.post("wrapup", disposition="busy")).status_code == 200
    agent.callback = "cb-2"
    assert (await agent.post("claim")).status_code == 200


async def test_claims_of_one_agent_at_once_leave_one_lease(survey: ServiceUnderTest) -> None:
    for number in range(4):
        await a_call_waits(survey, callback=f"cb-{number}", ref=f"customer-{number}", phone=f"+861380013800{number}")
    agent = await an_agent(survey)
    claims = [agent.client.post(f"/survey/api/v1/callbacks/cb-{number}/claim") for number in range(4)]
    answers = await asyncio.gather(*claims)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await survey.query("SELECT FROM permit WHERE state = 'claimed'")) == 1


async def test_a_silent_lease_goes_back_after_ninety_seconds(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent, other = await an_agent(survey, "lin"), await an_agent(survey, "xu")
    await agent.steps("claim")
    await survey.run_until(NOW + timedelta(seconds=89))
    assert (await other.post("claim")).status_code == 409
    await survey.run_until(NOW + timedelta(seconds=90))
    assert (await agent.post("dial")).status_code == 409
    assert (await other.post("claim")).status_code == 200


async def test_heartbeats_keep_a_lease_for_five_minutes_and_no_longer(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim")
    for minutes in range(1, 5):
        await survey.run_until(NOW + minutes * MINUTE)
        assert (await agent.post("heartbeat")).json()["state"] == "claimed"
    await survey.run_until(NOW + 5 * MINUTE)
    assert (await agent.post("heartbeat")).status_code == 409
    assert (await agent.queue())["rows"][0]["claimable"]


async def test_a_dialled_call_waits_for_its_agent_and_then_ends_as_break_off(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent, other = await an_agent(survey, "lin"), await an_agent(survey, "xu")
    await agent.talking()
    await agent.answer("overall", 2)
    await survey.run_until(NOW + 24 * MINUTE)
    assert (await other.post("claim")).status_code == 409
    assert (await agent.sheet()).json()["call"]["next"]["question_id"] == "response_speed"
    await survey.run_until(NOW + 25 * MINUTE)
    [ended] = await survey.sent(AttemptClosed)
    assert (ended.disposition, ended.wrapup_missing, ended.agent) == (Disposition.BREAK_OFF, True, "lin")
    assert [response.final for response in await survey.sent(ResponseRecorded)] == [False, True]


async def test_a_wrap_up_nobody_finishes_closes_two_hours_after_hang_up(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    await agent.answer_everything()
    await agent.steps("hangup")
    await survey.run_until(NOW + 2 * HOUR - MINUTE)
    assert await survey.sent(AttemptClosed) == []
    await survey.run_until(NOW + 2 * HOUR)
    [ended] = await survey.sent(AttemptClosed)
    assert (ended.disposition, ended.wrapup_missing, ended.ended_at) == (Disposition.BREAK_OFF, True, NOW)
    assert (await agent.post("wrapup", disposition="complete")).status_code == 409
    assert len(await survey.sent(AttemptClosed)) == 1


async def test_another_agent_cannot_touch_the_call(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent, other = await an_agent(survey, "lin"), await an_agent(survey, "xu")
    await agent.talking()
    assert (await other.sheet()).status_code == 403
    assert (await other.answer("overall", 1)).status_code == 403
    assert (await other.post("hangup")).status_code == 403
    assert (await other.post("wrapup", disposition="refusal")).status_code == 403
    supervisor = await an_agent(survey, "chief", role=Role.SUPERVISOR)
    assert (await supervisor.sheet()).status_code == 200
    assert (await supervisor.post("hangup")).status_code == 403


async def test_a_call_starts_only_inside_its_interval(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey, intervals=[{"begins": NOW + HOUR, "ends": NOW + HOUR + 2 * MINUTE}])
    agent = await an_agent(survey)
    queue = await agent.queue()
    assert queue["rows"] == [] and queue["next_start"] == "2026-10-20T03:00:00Z"
    assert (await agent.post("claim")).status_code == 409
    await survey.run_until(NOW + HOUR + timedelta(seconds=60))
    await agent.steps("claim")
    await survey.run_until(NOW + HOUR + timedelta(seconds=121))
    refused = await agent.post("dial")
    assert refused.status_code == 409 and "时段" in refused.json()["title"]


async def test_a_number_suppressed_after_the_claim_is_not_dialled(survey: ServiceUnderTest) -> None:
    permit = await a_permit(survey, channel="phone")
    await survey.receive(permit)
    agent = await an_agent(survey)
    await agent.steps("claim")
    await survey.receive(suppressed(permit))
    assert (await agent.post("dial")).status_code == 409
    assert [end.not_attempted for end in await survey.sent(AttemptClosed)] == [NotAttempted.SUPPRESSED]


async def test_a_permit_withdrawn_from_a_hand_frees_the_agent(survey: ServiceUnderTest) -> None:
    permit = await a_permit(survey, channel="phone")
    await survey.receive(permit)
    await a_call_waits(survey, callback="cb-2", ref="customer-2", phone="+8613800138001")
    agent = await an_agent(survey)
    await agent.steps("claim")
    await survey.receive(cancelled(permit))
    assert (await agent.post("dial")).status_code == 409
    agent.callback = "cb-2"
    assert (await agent.post("claim")).status_code == 200


async def test_senior_work_is_for_senior_agents(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey, skill="senior")
    agent, senior = await an_agent(survey, "lin"), await an_agent(survey, "wu", role=Role.SENIOR_AGENT)
    assert (await agent.queue())["rows"] == []
    assert (await agent.post("claim")).status_code == 403
    assert (await senior.queue())["rows"][0]["claimable"]
    assert (await senior.post("claim")).status_code == 200


async def test_a_reserved_callback_waits_half_an_hour_for_its_agent(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey, priority=1)
    await a_call_waits(survey, callback="cb-2", ref="customer-2", phone="+8613800138001", reserved_agent="lin")
    agent, other = await an_agent(survey, "lin"), await an_agent(survey, "xu", callback="cb-2")
    assert [row["callback_id"] for row in (await agent.queue())["rows"]] == ["cb-2", "cb-1"]
    queue = await other.queue()
    assert [row["callback_id"] for row in queue["rows"]] == ["cb-1"]
    assert queue["next_start"] == "2026-10-20T02:30:00Z"
    assert (await other.post("claim")).status_code == 409
    await survey.run_until(NOW + 30 * MINUTE)
    assert (await other.post("claim")).status_code == 200


async def test_the_queue_goes_by_priority_then_end_of_window(survey: ServiceUnderTest) -> None:
    for number, (priority, hours) in enumerate([(4, 3), (1, 6), (4, 2)]):
        await a_call_waits(
            survey, callback=f"cb-{number}", ref=f"customer-{number}", phone=f"+861380013800{number}",
            priority=priority, intervals=[{"begins": NOW, "ends": NOW + hours * HOUR}],
        )  # fmt: skip
    queue = await (await an_agent(survey)).queue()
    assert [row["callback_id"] for row in queue["rows"]] == ["cb-1", "cb-2", "cb-0"]
    assert queue["waiting"] == 3
    assert "客户甲" not in str(queue)
