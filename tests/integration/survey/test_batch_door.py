"""Answers gathered elsewhere come in by the thousand and are the same records as those of the agents."""

from typing import Any

import httpx
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import AnswerState, ChannelReason, Disposition, NotAttempted, ResponseStatus
from tests.integration.survey.builders import HOUR, NOW, a_part, a_permit, closed
from tests.integration.survey.calls import a_call_waits, an_agent
from tests.integration.survey.mailbox import Mailbox
from tests.integration.survey.statements import asked, listening
from tests.integration.survey.test_online import arriving, opened

DOOR = "/survey/api/v1/interviews"
GOOD = {
    "overall": 5, "response_speed": 4, "competence": 5, "attitude": 5, "clarity": 4, "solved": "yes", "nps": 10,
    "remarks": "师傅很准时",
}  # fmt: skip


def an_interview(callback: str = "cb-1", **given: Any) -> dict[str, Any]:
    return {"service_id": f"S-{callback}", "answered_at": NOW.isoformat(), "answers": GOOD} | given


@pytest.fixture
async def door(survey: ServiceUnderTest) -> httpx.AsyncClient:
    return await survey.client(Role.CRM, source="crm", token=True)


async def verdicts(door: httpx.AsyncClient, *elements: Any) -> list[dict[str, Any]]:
    answer = await door.post(DOOR, json=list(elements))
    assert answer.status_code == 202, answer.text
    found: list[dict[str, Any]] = answer.json()["verdicts"]
    return found


async def words(door: httpx.AsyncClient, *elements: Any) -> list[str]:
    return [verdict["verdict"] for verdict in await verdicts(door, *elements)]


async def test_an_open_callback_is_answered_and_its_permit_ends_as_already_answered(
    survey: ServiceUnderTest, door: httpx.AsyncClient
) -> None:
    await a_call_waits(survey)
    [verdict] = await verdicts(door, an_interview(reference="line 7", answered_at=(NOW - HOUR).isoformat()))
    [told] = await survey.sent(ResponseRecorded)
    [attempt] = await survey.sent(AttemptClosed)
    assert verdict == {
        "service_id": "S-cb-1", "reference": "line 7", "verdict": "recorded", "response_id": told.response_id,
        "errors": [],
    }  # fmt: skip
    assert (told.status, told.final, told.revision, told.channel) == (ResponseStatus.COMPLETE, True, 1, "import")
    assert (told.started_at, told.ended_at, told.recorded_at) == (NOW - HOUR, NOW - HOUR, NOW)
    assert (attempt.disposition, attempt.not_attempted) == (Disposition.NOT_ATTEMPTED, NotAttempted.ALREADY_ANSWERED)
    assert told.permit_no == attempt.permit_no == 1
    sheet, texts = await opened(survey, told)
    assert texts.texts == {"remarks": "师傅很准时"}
    assert {a.question_id for a in sheet.answers if a.state is AnswerState.NOT_ASKED} == {"reason", "callback"}


async def test_another_way_than_planned_is_no_random_assignment(
    survey: ServiceUnderTest, door: httpx.AsyncClient
) -> None:
    await a_call_waits(survey)
    await a_call_waits(survey, callback="cb-2", ref="customer-2")
    await verdicts(door, an_interview(), an_interview("cb-2", channel="phone"))
    reasons = {told.callback_id: told.channel_reason for told in await survey.sent(ResponseRecorded)}
    assert reasons == {"cb-1": ChannelReason.FALLBACK, "cb-2": ChannelReason.RANDOM}


async def test_agent_and_batch_give_the_same_canonical_record(
    survey: ServiceUnderTest, door: httpx.AsyncClient
) -> None:
    heard = {
        "overall": 2, "response_speed": 4, "competence": {"state": "refused"}, "attitude": 5, "clarity": 4,
        "solved": "unsure", "nps": 3, "reason": "等了三天没人来", "remarks": {"state": "not_answered"}, "callback": 5,
    }  # fmt: skip
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.talking()
    for question, value in heard.items():
        given = value if isinstance(value, dict) else {"text": value} if question == "reason" else {"value": value}
        assert (await agent.put(f"answers/p1/{question}", **given)).status_code == 200
    assert (await agent.post("wrapup", disposition="complete")).status_code == 200
    await a_call_waits(survey, callback="cb-2", ref="customer-2")
    assert await words(door, an_interview("cb-2", channel="phone", answers=heard)) == ["recorded"]
    by_agent, by_batch = await survey.sent(ResponseRecorded)
    assert await opened(survey, by_agent) == await opened(survey, by_batch)
    common = ("status", "final", "channel", "channel_reason", "purpose", "round", "in_design", "content_hash", "flags")
    assert [getattr(by_agent, name) for name in common] == [getattr(by_batch, name) for name in common]


async def test_the_same_array_again_tells_nothing_twice(survey: ServiceUnderTest, door: httpx.AsyncClient) -> None:
    await a_call_waits(survey)
    assert await words(door, an_interview(), an_interview()) == ["recorded", "repeated"]
    [again] = await verdicts(door, an_interview())
    [told] = await survey.sent(ResponseRecorded)
    assert (again["verdict"], again["response_id"]) == ("repeated", told.response_id)
    assert len(await survey.sent(AttemptClosed)) == 1


async def test_answers_without_an_open_callback_are_not_taken(
    survey: ServiceUnderTest, door: httpx.AsyncClient
) -> None:
    permit = await a_permit(survey, channel="phone")
    await survey.receive(permit)
    await survey.receive(closed(permit, "exhausted"))
    assert await words(door, an_interview(), an_interview("cb-9")) == ["not_open", "not_open"]
    assert await words(door, an_interview(purpose="progress")) == ["not_open"]
    assert await survey.sent(ResponseRecorded) == []


async def test_a_call_on_its_way_comes_first(survey: ServiceUnderTest, door: httpx.AsyncClient) -> None:
    await a_call_waits(survey)
    agent = await an_agent(survey)
    await agent.steps("claim", "dial")
    assert await words(door, an_interview()) == ["not_open"]


async def test_answers_to_a_letter_use_up_its_link(
    survey: ServiceUnderTest, door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    customer = await arriving(survey, mailbox)
    assert await words(door, an_interview()) == ["recorded"]
    assert [a.disposition for a in await survey.sent(AttemptClosed)] == [Disposition.DELIVERED]
    assert "<form" not in (await customer.get()).text


async def test_what_was_heard_before_stays_and_goes_on_as_a_revision(
    survey: ServiceUnderTest, door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    customer = await arriving(survey, mailbox)
    await customer.answer(await customer.prove(), overall="2")
    await survey.run_until(NOW + HOUR)
    later = {key: value for key, value in GOOD.items() if key != "overall"}
    assert (await verdicts(door, an_interview(answers=later)))[0]["errors"] == [
        {"field": "answers.reason", "rule": "is required"}
    ]
    assert await words(door, an_interview(answers=later | {"reason": "等了三天"})) == ["recorded"]
    told = await survey.sent(ResponseRecorded)
    assert [(one.revision, one.final) for one in told] == [(1, False), (2, True)]
    assert told[0].response_id == told[1].response_id


async def test_refusals_name_field_and_rule_and_leave_no_trace(
    survey: ServiceUnderTest, door: httpx.AsyncClient
) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "answers.overall must be a whole number from 1 to 5": {"answers": GOOD | {"overall": 6}},
        "answers.nps must be a whole number, a text or a state": {"answers": GOOD | {"nps": 9.5}},
        "answers.weather is no question of this questionnaire": {"answers": GOOD | {"weather": 5}},
        "answers.reason is not asked after these answers or on this channel": {"answers": GOOD | {"reason": "慢"}},
        "answers.callback is not asked after these answers or on this channel": {"answers": GOOD | {"callback": 5}},
        "answers.reason is required": {"answers": GOOD | {"overall": 1}},
        "answers.nps is required": {"answers": {key: value for key, value in GOOD.items() if key != "nps"}},
        "answered_at must not lie in the future": {"answered_at": (NOW + HOUR).isoformat()},
        "answered_at timezone_aware": {"answered_at": "2026-10-20T10:00:00"},
        "channel enum": {"channel": "pigeon"},
    }
    await a_call_waits(survey)
    told = await verdicts(door, *(an_interview(**one) for one in wrong.values()))
    assert {one["verdict"] for one in told} == {"refused"}
    assert [f"{one['errors'][0]['field']} {one['errors'][0]['rule']}" for one in told] == list(wrong)
    assert await survey.sent(ResponseRecorded) == []
    assert await survey.query("SELECT * FROM interview") == []
    assert await words(door, an_interview()) == ["recorded"]


async def test_parts_of_one_callback_are_answered_by_two_elements(
    survey: ServiceUnderTest, door: httpx.AsyncClient
) -> None:
    parts = [a_part(), a_part(part_id="p2", purpose="progress", questionnaire="progress")]
    await a_call_waits(survey, parts=parts)
    progress = an_interview(
        purpose="progress", answers={"solved": "yes", "overall": 4, "response_speed": 4, "callback": 5}
    )
    first, second, again = await verdicts(door, an_interview(), progress, progress)
    assert [first["verdict"], second["verdict"], again["verdict"]] == ["recorded", "recorded", "repeated"]
    told = {one.purpose: one.response_id for one in await survey.sent(ResponseRecorded)}
    assert told == {"survey": first["response_id"], "progress": second["response_id"]}
    assert len(await survey.sent(AttemptClosed)) == 1


async def test_a_verification_is_taken_and_tells_what_it_is_about(
    survey: ServiceUnderTest, door: httpx.AsyncClient
) -> None:
    part = a_part(purpose="verification", questionnaire="verification", about={"response_id": "r-first"})
    await a_call_waits(survey, parts=[part])
    said = {"meant": "meant", "overall": 5, "solved": "yes", "reason": "师傅来得早，修得好"}
    assert await words(door, an_interview(), an_interview(purpose="verification", answers=said)) == [
        "not_open", "recorded",
    ]  # fmt: skip
    [told] = await survey.sent(ResponseRecorded)
    assert (told.purpose, told.about and told.about.response_id) == ("verification", "r-first")


async def test_a_hundred_cost_no_more_statements_than_ten(survey: ServiceUnderTest, door: httpx.AsyncClient) -> None:
    for number in range(110):
        await a_call_waits(survey, callback=f"cb-{number}", ref=f"customer-{number}")
    assert await statements(survey, door, range(10, 110)) <= await statements(survey, door, range(10))
    assert len(await survey.sent(ResponseRecorded)) == 110


async def statements(survey: ServiceUnderTest, door: httpx.AsyncClient, numbers: range) -> int:
    seen = await listening(survey)
    assert set(await words(door, *(an_interview(f"cb-{number}") for number in numbers))) == {"recorded"}
    return len(asked(seen))


async def test_a_crm_speaks_for_its_own_source_only(survey: ServiceUnderTest, door: httpx.AsyncClient) -> None:
    await a_call_waits(survey)
    other = await door.post(DOOR, json=[an_interview(source="other")])
    assert (other.status_code, other.json()["errors"]) == (403, [{"field": "source", "rule": "token_source"}])
    agent = await survey.client(Role.AGENT)
    assert (await agent.post(DOOR, json=[an_interview()])).status_code == 403
    supervisor = await survey.client(Role.SUPERVISOR, token=True)
    assert await words(supervisor, an_interview()) == ["recorded"]


async def test_what_is_no_array_is_a_problem(door: httpx.AsyncClient) -> None:
    assert (await door.post(DOOR, content=b"nonsense")).status_code == 400
    for body in ({}, [], [{}] * 1001):
        assert (await door.post(DOOR, json=body)).status_code == 422
