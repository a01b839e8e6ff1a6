"""A whole call by the API: what was heard is told, the permit ends once, the number stays covered."""

from datetime import timedelta

from chassis.testing.harness import ServiceUnderTest
from contracts.answers import AnswerSheet
from contracts.events.survey import AttemptClosed, OptOutRequested, PromiseMade, ResponseRecorded
from contracts.vocabulary import AgreedAgent, Dimension, Disposition, Mood, NotAttempted, ResponseStatus
from tests.integration.survey.builders import HOUR, MONTH, NOW, PHONE, REF
from tests.integration.survey.calls import a_call_waits, an_agent


async def test_a_full_call_is_told_once(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    state = await agent.answer_everything(score=4)
    assert (state["disposition_now"], state["missing"]) == ("complete", [])
    assert (await agent.put("marks", mood="disappointed", problem_type="response_speed")).status_code == 200
    assert (await agent.post("wrapup", disposition="complete")).status_code == 200
    [response] = await survey.sent(ResponseRecorded)
    [attempt] = await survey.sent(AttemptClosed)
    assert (response.status, response.final, response.agent) == (ResponseStatus.COMPLETE, True, "lin")
    assert (attempt.disposition, attempt.started_at, attempt.connected_at) == (Disposition.COMPLETE, NOW, NOW)
    keys = await survey.runtime.vault.keyring(text=[REF], facts=[MONTH])
    sheet = AnswerSheet.model_validate(keys.open(REF, "answers", response.answers))
    assert (sheet.score(Dimension.OVERALL), sheet.mood, sheet.problem_type) == (4, Mood.DISAPPOINTED, "response_speed")
    assert (await agent.post("wrapup", disposition="complete")).status_code == 409
    assert (await agent.queue())["held"] is None


async def test_steps_out_of_order_are_refused_by_name(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    assert (await agent.post("dial")).status_code == 409
    await agent.steps("claim")
    assert "还没有拨出" in (await agent.post("connected")).json()["title"]
    await agent.steps("dial")
    assert "还没有接通" in (await agent.post("identity")).json()["title"]
    await agent.steps("connected")
    assert "核对身份" in (await agent.post("consent")).json()["title"]
    await agent.steps("identity")
    assert "没有同意" in (await agent.answer("overall", 5)).json()["title"]
    assert (await agent.post("release")).status_code == 409
    await agent.steps("consent")
    assert (await agent.answer("overall", 5)).status_code == 200


async def test_a_wrong_answer_names_its_question_and_never_its_value(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    refused = await agent.answer("overall", 66)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": "answers.overall", "rule": "must be a whole number from 1 to 5"}]
    assert (await agent.answer("reason", text="还没有问到")).status_code == 422
    assert "66" not in refused.text


async def test_a_low_score_brings_the_reason_and_a_probe(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    state = (await agent.answer("response_speed", 1)).json()
    assert state["probe"] is not None
    assert {"part_id": "p1", "question_id": "reason"} in state["missing"]


async def test_what_was_kept_offline_is_taken_together_or_not_at_all(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    kept = [
        {"part_id": "p1", "question_id": "overall", "value": 5},
        {"part_id": "p1", "question_id": "nps", "value": 9},
    ]
    spoiled = [*kept, {"part_id": "p1", "question_id": "solved", "value": "perhaps"}]
    assert (await agent.put("answers", answers=spoiled)).status_code == 422
    assert await survey.query("SELECT jsonb_object_keys(answers) FROM interview") == []
    assert (await agent.put("answers", answers=kept)).json()["next"]["question_id"] == "response_speed"


async def test_a_record_with_a_gap_cannot_be_complete(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    await agent.answer("overall", 5)
    state = (await agent.post("hangup")).json()
    assert "complete" not in state["possible"] and "no_answer" not in state["possible"]
    refused = await agent.post("wrapup", disposition="complete")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "disposition")
    assert (await agent.post("wrapup", disposition="no_answer")).status_code == 422
    assert await survey.sent(AttemptClosed) == []
    await agent.answer_everything()
    assert (await agent.post("wrapup", disposition="complete")).status_code == 200
    assert [response.final for response in await survey.sent(ResponseRecorded)] == [False, True]


async def test_nobody_picked_up(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial")
    refused = await agent.post("wrapup", disposition="refusal")
    assert refused.status_code == 422
    assert (await agent.post("wrapup", disposition="no_answer")).status_code == 200
    [attempt] = await survey.sent(AttemptClosed)
    assert (attempt.disposition, attempt.connected_at) == (Disposition.NO_ANSWER, None)
    assert await survey.sent(ResponseRecorded) == []


async def test_a_refusal_may_take_the_link(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    assert (await agent.post("wrapup", disposition="refusal", online_consented=True)).status_code == 200
    [attempt] = await survey.sent(AttemptClosed)
    assert (attempt.disposition, attempt.online_consented) == (Disposition.REFUSAL, True)
    assert await survey.sent(ResponseRecorded) == []
    assert [row["ended_at"] for row in await survey.query("SELECT ended_at FROM interview")] == [None]


async def test_without_a_gateway_no_link_is_offered_by_text(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    assert 'value="sms"' not in (await agent.client.get("/survey/call/cb-1?path=refusal")).text
    said = await agent.post("wrapup", disposition="refusal", online_consented=True, online_channel="sms")
    assert (said.status_code, said.json()["errors"][0]["field"]) == (422, "online_channel")


async def test_a_refusal_without_the_link_ends_the_interview(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    assert (await agent.post("wrapup", disposition="refusal")).status_code == 200
    assert [row["ended_at"] for row in await survey.query("SELECT ended_at FROM interview")] == [NOW]


async def test_an_agreed_time_lies_ahead_and_in_lawful_hours(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    for wrong in (None, "2026-10-20T01:00:00Z", "2026-10-20T23:00:00+08:00"):
        refused = await agent.post("wrapup", disposition="appointment", agreed_at=wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "agreed_at")
    agreed = {"disposition": "appointment", "agreed_at": "2026-10-21T19:00:00+08:00", "agreed_agent": "own"}
    assert (await agent.post("wrapup", **agreed)).status_code == 200
    [attempt] = await survey.sent(AttemptClosed)
    assert attempt.agreed_at == NOW + 33 * HOUR
    assert attempt.agreed_agent is AgreedAgent.OWN


async def test_an_opt_out_stops_everything_at_the_number(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    await a_call_waits(survey, callback="cb-2", ref="customer-2")
    agent = await an_agent(survey)
    await agent.steps("claim", "dial", "connected")
    assert (await agent.post("wrapup", disposition="opted_out")).status_code == 200
    assert len(await survey.sent(OptOutRequested)) == 1
    ends = {str(attempt.callback_id): attempt for attempt in await survey.sent(AttemptClosed)}
    assert ends["cb-1"].disposition is Disposition.OPTED_OUT
    assert ends["cb-2"].not_attempted is NotAttempted.SUPPRESSED


async def test_a_promise_is_dated_in_working_days_and_made_once(survey: ServiceUnderTest) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    wish = {"what": "答复配件为何漏带", "department": "repair", "workdays": 2, "key": "a"}
    made = [await agent.post("promises", **wish) for _ in range(2)]
    assert made[0].json() == made[1].json()
    [promise] = await survey.sent(PromiseMade)
    assert promise.due_at == NOW + timedelta(days=2)
    assert (promise.department, promise.by) == ("repair", "lin")
    assert "配件" not in promise.what
    refused = await agent.post("promises", what="x", department="kitchen", workdays=2)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "department")
    assert [one["what"] for one in (await agent.sheet()).json()["promises"]] == ["答复配件为何漏带"]


async def test_the_number_is_covered_until_it_is_dialled_and_each_sight_of_it_is_audited(
    survey: ServiceUnderTest,
) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    claimed = await agent.steps("claim")
    assert PHONE not in claimed.text and "138****8000" in claimed.text
    assert (await agent.steps("dial")).json()["phone"] == PHONE
    assert PHONE not in (await agent.sheet()).text
