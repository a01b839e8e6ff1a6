from datetime import UTC, datetime, timedelta

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.followup import CallbackRequested, CaseChanged, PromiseChanged
from contracts.vocabulary import PromiseState
from tests.integration.followup.builders import (
    AT,
    REF,
    a_flag,
    a_promise,
    a_response,
    a_suggestion,
    an_attempt,
    voiding,
)
from tests.integration.followup.conftest import NOW

THURSDAY_18 = datetime(2026, 11, 19, 10, 0, tzinfo=UTC)


async def states(service: ServiceUnderTest) -> list[PromiseState]:
    return [promise.state for promise in await service.sent(PromiseChanged)]


async def test_a_case_is_due_no_later_than_its_promise_in_either_order(followup: ServiceUnderTest) -> None:
    await followup.receive(a_flag())
    await followup.receive(await a_promise(followup, THURSDAY_18))
    await followup.receive(await a_promise(followup, THURSDAY_18, ref="customer-2"))
    await followup.receive(a_flag("customer-2"))
    due = {case.case_id: case.due_at for case in await followup.sent(CaseChanged)}
    assert list(due.values()) == [THURSDAY_18, THURSDAY_18]
    joined = {p.promise_id: p.case_id for p in await followup.sent(PromiseChanged)}
    assert set(joined.values()) == set(due)


async def test_a_promise_of_another_department_joins_no_case(followup: ServiceUnderTest) -> None:
    await followup.receive(a_flag())
    await followup.receive(await a_promise(followup, THURSDAY_18, department="billing"))
    assert len(await followup.sent(CaseChanged)) == 1
    assert (await followup.sent(PromiseChanged))[-1].case_id is None


async def test_the_callback_is_asked_for_four_working_hours_before_due_solved_or_not(
    followup: ServiceUnderTest,
) -> None:
    await followup.receive(await a_response(followup))
    await followup.receive(a_flag())
    await followup.receive(await a_promise(followup, THURSDAY_18))
    await followup.run_until(THURSDAY_18 - timedelta(hours=4, minutes=1))
    assert await followup.sent(CallbackRequested) == []
    await followup.run_until(THURSDAY_18 - timedelta(hours=4))
    (request,) = await followup.sent(CallbackRequested)
    assert (request.deadline, request.reserved_agent) == (THURSDAY_18, "lin.xiao")
    assert request.about.promise_id == f"promise-of-{REF}"
    assert request.about.case_id == (await followup.sent(CaseChanged))[-1].case_id


async def test_solving_the_case_asks_at_once_and_the_timer_not_again(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    await followup.receive(await a_response(followup))
    await followup.receive(a_flag())
    await followup.receive(await a_promise(followup, THURSDAY_18))
    case_id = (await followup.sent(CaseChanged))[-1].case_id
    solution = {"root_cause": "parts", "root_cause_text": "缺件", "action": "revisit", "action_text": "已重新上门"}
    await member.post(f"/followup/api/v1/cases/{case_id}/start")
    assert (await member.post(f"/followup/api/v1/cases/{case_id}/solve", json=solution)).status_code == 200
    (request,) = await followup.sent(CallbackRequested)
    assert request.about.promise_id == f"promise-of-{REF}"
    attempt = an_attempt(NOW + timedelta(hours=1), about=request)
    await followup.run_until(NOW + timedelta(hours=2))
    await followup.receive(attempt)
    await followup.run_until(THURSDAY_18 + timedelta(days=1))
    assert len(await followup.sent(CallbackRequested)) == 1
    assert (await states(followup))[-1] is PromiseState.KEPT


async def test_a_promise_without_contact_is_broken_at_its_due_time(followup: ServiceUnderTest) -> None:
    await followup.receive(await a_promise(followup, THURSDAY_18))
    await followup.run_until(THURSDAY_18 - timedelta(seconds=1))
    assert await states(followup) == [PromiseState.OPEN]
    await followup.run_until(THURSDAY_18)
    assert await states(followup) == [PromiseState.OPEN, PromiseState.BROKEN]


async def test_proof_that_arrives_late_still_makes_it_kept_and_late_contact_does_not(
    followup: ServiceUnderTest,
) -> None:
    await followup.receive(await a_promise(followup, THURSDAY_18))
    await followup.receive(await a_promise(followup, THURSDAY_18, ref="customer-2"))
    await followup.run_until(THURSDAY_18)
    requests = {r.customer_ref: r for r in await followup.sent(CallbackRequested)}
    in_time = an_attempt(THURSDAY_18 - timedelta(hours=1), about=requests[REF])  # type: ignore[index]
    too_late = an_attempt(
        THURSDAY_18 + timedelta(hours=1),
        about=requests["customer-2"],  # type: ignore[index]
        ref="customer-2",
    )
    await followup.receive(in_time, too_late)
    last = {p.customer_ref: p for p in await followup.sent(PromiseChanged)}
    assert last[REF].state is PromiseState.KEPT  # type: ignore[index]
    assert last[REF].evidence == in_time.attempt_id  # type: ignore[index]
    assert last["customer-2"].state is PromiseState.BROKEN  # type: ignore[index]


async def test_contact_that_is_heard_of_before_the_promise_keeps_it(followup: ServiceUnderTest) -> None:
    promise = await a_promise(followup, THURSDAY_18)
    part = {"part_id": "p", "purpose": "progress", "round": 1, "questionnaire": "progress"}
    about = {"about": {"promise_id": promise.promise_id}}
    await followup.receive(an_attempt(NOW + timedelta(hours=1), parts=[part | about]))
    await followup.receive(promise)
    assert (await states(followup))[-1] is PromiseState.KEPT


async def test_dialling_without_reaching_keeps_no_promise(followup: ServiceUnderTest) -> None:
    await followup.receive(await a_promise(followup, THURSDAY_18))
    await followup.run_until(THURSDAY_18 - timedelta(hours=4))
    (request,) = await followup.sent(CallbackRequested)
    at = THURSDAY_18 - timedelta(hours=1)
    await followup.receive(an_attempt(at, about=request, disposition="no_answer", connected_at=None))
    assert await states(followup) == [PromiseState.OPEN]


async def test_the_promise_of_a_voided_response_is_withdrawn_in_either_order(followup: ServiceUnderTest) -> None:
    await followup.receive(await a_promise(followup, THURSDAY_18))
    await followup.receive(voiding())
    await followup.receive(voiding("customer-2"))
    await followup.receive(await a_promise(followup, THURSDAY_18, ref="customer-2"))
    assert (await states(followup))[-1] is PromiseState.WITHDRAWN
    await followup.run_until(THURSDAY_18 + timedelta(hours=1))
    assert PromiseState.BROKEN not in await states(followup)


async def test_a_new_demand_without_an_agent_becomes_a_promise_once(followup: ServiceUnderTest) -> None:
    demand = a_suggestion(kind="new_demand")
    await followup.receive(demand)
    assert await followup.sent(PromiseChanged) == []
    await followup.receive(await a_response(followup, agent=None))
    await followup.receive(demand, a_suggestion(kind="new_demand", item_revision=2))
    promises = {promise.promise_id: promise for promise in await followup.sent(PromiseChanged)}
    (promise,) = promises.values()
    assert (promise.state, promise.due_at) == (PromiseState.OPEN, datetime(2026, 11, 20, 10, 0, tzinfo=UTC))


async def test_a_new_demand_told_to_an_agent_makes_no_second_promise(followup: ServiceUnderTest) -> None:
    await followup.receive(await a_response(followup))
    await followup.receive(a_suggestion(kind="new_demand"))
    assert await followup.sent(PromiseChanged) == []


async def test_the_author_of_a_suggestion_is_told_once(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    await followup.receive(await a_response(followup), a_suggestion())
    path = f"/followup/suggestions/idea-of-{REF}"
    assert "报修后第三天" in (await member.get("/followup/suggestions")).text
    assert (await member.post(f"{path}/tell", data={"text": ""})).status_code == 422
    assert (await member.post(f"{path}/tell", data={"text": "短信通知下月上线"})).status_code == 303
    await member.post(f"{path}/tell", data={"text": "再说一次"})
    (request,) = await followup.sent(CallbackRequested)
    assert request.about.suggestion_id == f"idea-of-{REF}"
    assert request.deadline > AT
