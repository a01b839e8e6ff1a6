from datetime import UTC, datetime, timedelta

import httpx

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.followup import CallbackRequested, CaseChanged
from contracts.vocabulary import CaseState, ClosedAs
from tests.integration.followup.builders import REF, a_flag, a_response, an_attempt, an_end, voiding
from tests.integration.followup.conftest import NOW

API = "/followup/api/v1"
SOLUTION = {
    "root_cause": "parts",
    "root_cause_text": "派工单未带出配件清单",
    "action": "process_change",
    "action_text": "派工时必须勾选配件",
    "progress_text": "已改进派工流程，并为您延保 6 个月",
}


async def the_case(service: ServiceUnderTest) -> CaseChanged:
    """As it was last told."""
    return (await service.sent(CaseChanged))[-1]


async def an_open_case(service: ServiceUnderTest) -> CaseChanged:
    await service.receive(await a_response(service))
    await service.receive(a_flag())
    return await the_case(service)


async def a_solved_case(service: ServiceUnderTest, member: httpx.AsyncClient) -> tuple[str, CallbackRequested]:
    case_id = (await an_open_case(service)).case_id
    assert (await member.post(f"{API}/cases/{case_id}/start")).status_code == 200
    assert (await member.post(f"{API}/cases/{case_id}/solve", json=SOLUTION)).status_code == 200
    return case_id, (await service.sent(CallbackRequested))[-1]


async def test_a_flag_opens_one_case_due_in_working_days(followup: ServiceUnderTest) -> None:
    case = await an_open_case(followup)
    assert (case.state, case.department, case.revision) == (CaseState.OPEN, "repair", 1)
    assert case.due_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # Friday 18:00


async def test_a_flag_twice_or_before_its_response_is_one_case(followup: ServiceUnderTest) -> None:
    flag = a_flag()
    await followup.receive(flag)
    await followup.receive(flag, again=True)
    await followup.receive(a_flag())
    await followup.receive(await a_response(followup))
    assert len(await followup.sent(CaseChanged)) == 1


async def test_a_remark_opens_no_case(followup: ServiceUnderTest) -> None:
    await followup.receive(a_flag(severity="remark"))
    assert await followup.sent(CaseChanged) == []


async def test_a_withdrawn_flag_closes_its_case_as_corrected(followup: ServiceUnderTest) -> None:
    await an_open_case(followup)
    await followup.receive(a_flag(item_revision=2, state="withdrawn"))
    case = await the_case(followup)
    assert (case.state, case.closed_as) == (CaseState.CLOSED, ClosedAs.CORRECTED)


async def test_a_withdrawal_that_arrives_first_leaves_no_case(followup: ServiceUnderTest) -> None:
    await followup.receive(a_flag(item_revision=2, state="withdrawn"))
    await followup.receive(a_flag())
    assert await followup.sent(CaseChanged) == []


async def test_an_item_of_a_voided_response_opens_no_case(followup: ServiceUnderTest) -> None:
    await followup.receive(voiding())
    await followup.receive(a_flag())
    assert await followup.sent(CaseChanged) == []


async def test_a_corrected_item_moves_its_case_to_the_other_department(followup: ServiceUnderTest) -> None:
    await an_open_case(followup)
    await followup.receive(a_flag(item_revision=2, state="changed", department="logistics"))
    case = await the_case(followup)
    assert (case.department, case.owner, case.state) == ("logistics", None, CaseState.OPEN)


async def test_a_case_is_worked_solved_and_the_customer_is_to_be_called(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, login="zhou.qi", department="repair")
    case_id, request = await a_solved_case(followup, member)
    case = await the_case(followup)
    assert (case.state, case.owner, case.root_cause) == (CaseState.SOLVED, "zhou.qi", "parts")
    assert (request.about.case_id, request.reserved_agent) == (case_id, "lin.xiao")
    assert (request.not_before, request.deadline) == (NOW, case.due_at)
    keys = await followup.runtime.vault.keyring(text=[REF])
    assert request.text is not None
    assert keys.open(REF, "progress", request.text) == SOLUTION["progress_text"]


async def test_a_case_is_not_closed_without_contact_after_the_action(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, _request = await a_solved_case(followup, member)
    before = an_attempt(NOW - timedelta(minutes=5))
    of_another = an_attempt(NOW + timedelta(hours=1), ref="customer-2")
    unanswered = an_attempt(NOW + timedelta(hours=2), disposition="no_answer", connected_at=None)
    await followup.receive(before, of_another, unanswered)
    for evidence in (before.attempt_id, of_another.attempt_id, unanswered.attempt_id, "I called them"):
        answer = await member.post(f"{API}/cases/{case_id}/close", json={"evidence": evidence})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "evidence")
    assert (await the_case(followup)).state is CaseState.SOLVED


async def test_contact_about_the_case_tells_the_customer_and_lets_it_be_closed(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, request = await a_solved_case(followup, member)
    attempt = an_attempt(NOW + timedelta(hours=3), about=request)
    await followup.receive(attempt)
    assert (await the_case(followup)).state is CaseState.TOLD
    answer = await member.post(f"{API}/cases/{case_id}/close", json={"evidence": attempt.attempt_id})
    assert answer.status_code == 200
    case = await the_case(followup)
    assert (case.closed_as, case.evidence) == (ClosedAs.CONTACTED, (attempt.attempt_id,))


async def test_a_delivered_message_about_something_else_is_no_proof(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, request = await a_solved_case(followup, member)
    delivered = {"channel": "email", "disposition": "delivered", "connected_at": None}
    invitation = an_attempt(NOW + timedelta(hours=1), **delivered)
    message = an_attempt(NOW + timedelta(hours=2), about=request, **delivered)
    await followup.receive(invitation, message)
    proofs = (await member.get(f"{API}/cases/{case_id}")).json()["proofs"]
    assert [proof["evidence"] for proof in proofs] == [message.attempt_id]


async def test_a_customer_who_could_not_be_reached_closes_as_not_reached(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, request = await a_solved_case(followup, member)
    end = an_end(request, "exhausted", NOW + timedelta(days=1))
    await followup.receive(end)
    answer = await member.post(f"{API}/cases/{case_id}/close", json={"evidence": end.callback_id})
    assert answer.json()["closed_as"] == "not_reached"


async def test_an_end_before_the_last_action_proves_nothing(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, request = await a_solved_case(followup, member)
    await followup.step_to(NOW + timedelta(hours=1))
    assert (await member.post(f"{API}/cases/{case_id}/solve", json=SOLUTION)).status_code == 200
    end = an_end(request, "exhausted", NOW + timedelta(days=1))
    await followup.receive(end)
    answer = await member.post(f"{API}/cases/{case_id}/close", json={"evidence": end.callback_id})
    assert answer.status_code == 422


async def test_a_bad_progress_answer_reopens_the_case_of_its_part_only(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, request = await a_solved_case(followup, member)
    await followup.receive(a_flag(item_id="other-item", codes=["attitude"]))
    attempt = an_attempt(NOW + timedelta(hours=3), about=request)
    await followup.receive(attempt)
    await member.post(f"{API}/cases/{case_id}/close", json={"evidence": attempt.attempt_id})
    about = request.about.model_dump(exclude_none=True)
    await followup.receive(a_flag(item_id="bad-answer", response_id="second-response", about=about))
    told = {case.case_id: case for case in await followup.sent(CaseChanged)}
    assert told.pop(case_id).state is CaseState.REOPENED
    assert [case.state for case in told.values()] == [CaseState.OPEN]


async def test_a_bad_verification_answer_reopens_nothing(followup: ServiceUnderTest) -> None:
    await an_open_case(followup)
    before = await followup.sent(CaseChanged)
    await followup.receive(a_flag(item_id="v", response_id="r2", about={"response_id": f"response-of-{REF}"}))
    assert await followup.sent(CaseChanged) == before


async def test_what_a_state_does_not_allow_is_refused_and_changes_nothing(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id = (await an_open_case(followup)).case_id
    before = await followup.sent(CaseChanged)
    assert (await member.post(f"{API}/cases/{case_id}/solve", json=SOLUTION)).status_code == 409
    assert (await member.post(f"{API}/cases/{case_id}/close", json={"evidence": "x"})).status_code == 409
    assert await followup.sent(CaseChanged) == before


async def test_history_is_a_chain_that_the_service_itself_can_not_change(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id, _request = await a_solved_case(followup, member)
    await member.post(f"{API}/cases/{case_id}/note", json={"text": "已和库房确认"})
    detail = (await member.get(f"{API}/cases/{case_id}")).json()
    assert detail["chain_whole"] is True
    assert [entry["action"] for entry in detail["history"]] == ["open", "start", "solve", "note"]
    assert detail["history"][-1]["note"] == "已和库房确认"
    stored = await followup.query("SELECT note FROM case_history WHERE note IS NOT NULL")
    assert all("库房" not in row["note"] for row in stored)
    allowed = await followup.query("SELECT has_table_privilege('case_history', 'UPDATE') AS may")
    assert allowed[0]["may"] is False
