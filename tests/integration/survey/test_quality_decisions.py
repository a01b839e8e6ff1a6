"""Flags wait for a person; what is voided is told once, kept, and nothing is asked about it any more."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.followup import CallbackRequested
from contracts.events.survey import ResponseRecorded, ResponseVoided
from contracts.vocabulary import Purpose, RequestState
from services.survey.app import SERVICE
from tests.integration.survey.builders import NOW
from tests.integration.survey.calls import a_call_waits

DOOR = "/survey/api/v1/interviews"
QUALITY = "/survey/api/v1/quality"
ODD = {
    "overall": 5, "response_speed": 5, "competence": 5, "attitude": 5, "clarity": 5, "solved": "yes", "nps": 0,
    "remarks": "师傅很准时",
}  # fmt: skip
UNEXPLAINED = ODD | {"overall": 1, "nps": 4, "reason": {"state": "refused"}}


@pytest.fixture(scope="module")
async def survey(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    async with running(SERVICE, infra, now=NOW) as service:
        yield service


@pytest.fixture(scope="module")
async def supervisor(survey: ServiceUnderTest) -> httpx.AsyncClient:
    return await survey.client(Role.SUPERVISOR, login="supervisor-a")


async def answered(survey: ServiceUnderTest, name: str, answers: dict[str, Any]) -> str:
    """The response id of a customer who answered so."""
    await a_call_waits(survey, callback=name, ref=f"customer-of-{name}")
    door = await survey.client(Role.CRM, source="crm", token=True)
    element = {"service_id": f"S-{name}", "answered_at": NOW.isoformat(), "answers": answers}
    [verdict] = (await door.post(DOOR, json=[element])).json()["verdicts"]
    assert verdict["verdict"] == "recorded", verdict
    return str(verdict["response_id"])


async def told(survey: ServiceUnderTest, model: Any, response_id: str) -> list[Any]:
    return [
        event
        for event in await survey.sent(model)
        if response_id
        in (getattr(event, "response_id", None), getattr(event, "about", None) and event.about.response_id)
    ]


async def records(supervisor: httpx.AsyncClient, show: str = "waiting") -> dict[str, Any]:
    found = (await supervisor.get(QUALITY, params={"show": show})).json()["records"]
    return {one["response_id"]: one for one in found}


async def test_a_flagged_record_waits_for_a_person_and_counts_meanwhile(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response_id = await answered(survey, "flagged", ODD)
    [event] = await told(survey, ResponseRecorded, response_id)
    assert [flag.code for flag in event.flags] == ["straight_lining"]
    shown = (await records(supervisor))[response_id]
    assert [flag["code"] for flag in shown["flags"]] == ["straight_lining"]
    page = await supervisor.get("/survey/quality")
    assert "S-flagged" in page.text
    assert "5 个评分都一样，推荐意愿却正相反" in page.text
    assert "5 equal ratings, and" in (await supervisor.get("/survey/quality?lang=en")).text
    assert "师傅很准时" not in page.text
    assert await told(survey, ResponseVoided, response_id) == []


async def test_a_kept_record_leaves_the_list_and_is_told_nothing_about(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response_id = await answered(survey, "kept", ODD)
    assert (await supervisor.post(f"/survey/quality/{response_id}", data={"decision": "keep"})).status_code == 303
    assert response_id not in await records(supervisor)
    assert response_id not in await records(supervisor, "voided")
    assert await told(survey, ResponseVoided, response_id) == []


async def test_a_voided_record_is_told_once_with_reason_and_name_and_is_kept(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response_id = await answered(survey, "voided", ODD)
    asked = {"decision": "void", "reason": "careless"}
    first = await supervisor.post(f"{QUALITY}/{response_id}", json=asked)
    again = await supervisor.post(f"{QUALITY}/{response_id}", json=asked)
    assert (first.status_code, again.status_code) == (204, 409)
    [event] = await told(survey, ResponseVoided, response_id)
    assert (event.reason, event.by, event.voided_at) == ("careless", "supervisor-a", NOW)
    assert response_id not in await records(supervisor)
    assert (await records(supervisor, "voided"))[response_id]["void_reason"] == "careless"
    kept = await survey.query("SELECT jsonb_object_keys(answers) FROM interview WHERE callback_id = 'voided'")
    assert len(kept) == len(ODD)


async def test_decisions_are_audited(survey: ServiceUnderTest, supervisor: httpx.AsyncClient) -> None:
    response_id = await answered(survey, "audited", ODD)
    await supervisor.post(f"{QUALITY}/{response_id}", json={"decision": "void", "reason": "test"})
    rows = await survey.query("SELECT action, actor_name, reason, subject FROM staff.audit_page(NULL, 5, NULL)")
    assert ("record-voided", "supervisor-a", "test", f"response:{response_id}") in {tuple(row.values()) for row in rows}


async def test_voiding_needs_a_reason_of_the_list(survey: ServiceUnderTest, supervisor: httpx.AsyncClient) -> None:
    response_id = await answered(survey, "reasoned", ODD)
    for reason in ("", "我不喜欢"):
        answer = await supervisor.post(f"/survey/quality/{response_id}", data={"decision": "void", "reason": reason})
        assert answer.status_code == 422
    assert (await supervisor.post(f"{QUALITY}/{response_id}", json={"decision": "void"})).status_code == 422
    assert (await supervisor.post(f"{QUALITY}/nobody", json={"decision": "keep"})).status_code == 404


async def test_the_worst_score_without_its_reason_is_asked_about_once_more(
    survey: ServiceUnderTest, supervisor: httpx.AsyncClient
) -> None:
    response_id = await answered(survey, "unexplained", UNEXPLAINED)
    [request] = await told(survey, CallbackRequested, response_id)
    assert (request.purpose, request.state, request.not_before) == (Purpose.VERIFICATION, RequestState.OPEN, NOW)
    assert request.completion_ref == "completion-of-unexplained"
    assert await told(survey, ResponseVoided, response_id) == [], "it stays in the figures"
    await supervisor.post(f"{QUALITY}/{response_id}", json={"decision": "void", "reason": "wrong_person"})
    withdrawn = (await told(survey, CallbackRequested, response_id))[-1]
    assert (withdrawn.request_id, withdrawn.revision, withdrawn.state) == (
        request.request_id, 2, RequestState.WITHDRAWN,
    )  # fmt: skip


async def test_a_worst_score_with_its_reason_is_not_asked_about(survey: ServiceUnderTest) -> None:
    response_id = await answered(survey, "explained", UNEXPLAINED | {"reason": "等了三天没人上门"})
    assert await told(survey, CallbackRequested, response_id) == []
