from datetime import UTC, datetime, timedelta

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.followup import CallbackRequested, CaseChanged
from contracts.vocabulary import CaseState, ClosedAs
from tests.integration.followup.builders import REF, a_flag, a_promise, a_response, an_attempt, voiding
from tests.integration.followup.conftest import NOW
from tests.integration.followup.test_life_of_a_case import API, SOLUTION, an_open_case

DUE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
"""Friday 18:00 in Shanghai."""


async def told(service: ServiceUnderTest) -> dict[str, CaseChanged]:
    """The last word on each case."""
    return {case.case_id: case for case in await service.sent(CaseChanged)}


async def history(service: ServiceUnderTest, case_id: str) -> list[tuple[str, str]]:
    rows = await service.query(
        "SELECT action, detail ->> 'why' AS why FROM case_history WHERE case_id = $1 ORDER BY sequence", case_id
    )
    return [(row["action"], row["why"]) for row in rows]


async def two_cases_of_one_customer(service: ServiceUnderTest) -> tuple[str, str]:
    await service.receive(await a_response(service))
    await service.receive(a_flag())
    await service.step_to(NOW + timedelta(hours=1))
    await service.receive(a_flag(item_id="the-same-again", response_id="another-response"))
    first, second = sorted(await told(service))
    return first, second


async def test_a_case_that_nobody_moves_is_reminded_of_and_climbs_the_ladder(followup: ServiceUnderTest) -> None:
    case_id = (await an_open_case(followup)).case_id
    await followup.run_until(DUE - timedelta(hours=4, minutes=1))
    assert await history(followup, case_id) == [("open", "low_score")]
    await followup.run_until(DUE - timedelta(hours=4))
    assert (await history(followup, case_id))[1:] == [("remind", "due_soon")]
    await followup.run_until(DUE)
    await followup.run_until(DUE + timedelta(days=10))
    assert (await history(followup, case_id))[2:] == [("escalate", "overdue")] * 3
    at = [row["at"] for row in await followup.query("SELECT at FROM case_history WHERE action = 'escalate' ORDER BY 1")]
    monday, wednesday = DUE + timedelta(days=3), DUE + timedelta(days=5)
    assert at == [DUE, monday, wednesday]
    assert (await told(followup))[case_id].escalation == 3


async def test_a_closed_case_is_neither_reminded_of_nor_escalated(followup: ServiceUnderTest) -> None:
    case_id = (await an_open_case(followup)).case_id
    await followup.receive(a_flag(item_revision=2, state="withdrawn"))
    await followup.run_until(DUE + timedelta(days=10))
    assert [action for action, _why in await history(followup, case_id)] == ["open", "correct"]


async def test_a_service_that_was_away_reminds_nobody_of_what_is_late_already(followup: ServiceUnderTest) -> None:
    case_id = (await an_open_case(followup)).case_id
    await followup.step_to(DUE + timedelta(minutes=5))
    await followup.tick()
    assert (await history(followup, case_id))[1:] == [("escalate", "overdue")]


async def test_a_person_calls_the_next_rung_only_with_a_reason(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    case_id = (await an_open_case(followup)).case_id
    assert (await member.post(f"{API}/cases/{case_id}/escalate", json={"reason": ""})).status_code == 422
    for level in (1, 2, 3):
        answer = await member.post(f"{API}/cases/{case_id}/escalate", json={"reason": "需要配件审批"})
        assert answer.json()["escalation"] == level
    assert (await member.post(f"{API}/cases/{case_id}/escalate", json={"reason": "再来"})).status_code == 409


async def test_a_case_that_somebody_has_is_handed_on_only_with_a_reason(followup: ServiceUnderTest) -> None:
    first = await followup.client(Role.DEPARTMENT, login="zhou.qi", department="repair")
    await followup.client(Role.DEPARTMENT, login="meng.qing", department="repair")
    case_id = (await an_open_case(followup)).case_id
    await first.post(f"{API}/cases/{case_id}/assign", json={})
    refused = await first.post(f"{API}/cases/{case_id}/assign", json={"owner": "meng.qing"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "reason")
    handed = await first.post(f"{API}/cases/{case_id}/assign", json={"owner": "meng.qing", "reason": "下周休假"})
    assert handed.json()["owner"] == "meng.qing"
    assert (await history(followup, case_id))[1:] == [("assign", "taken"), ("assign", "handed_over")]


async def test_new_cases_go_round_the_members_of_a_department_that_deals_them_out(followup: ServiceUnderTest) -> None:
    for login in ("b.member", "a.member"):
        await followup.client(Role.DEPARTMENT, login=login, department="repair")
    await followup.query("INSERT INTO house_setting (scope, assignment) VALUES ('repair', 'round_robin')")
    await followup.receive(*[a_flag(f"customer-{n}") for n in range(3)])
    await followup.receive(a_flag("customer-4"), a_flag("customer-5", department="billing"))
    owners = {case.customer_ref: case.owner for case in (await told(followup)).values()}
    assert sorted(owner for owner in owners.values() if owner) == ["a.member", "a.member", "b.member", "b.member"]
    assert owners["customer-5"] is None  # type: ignore[index]


async def test_a_voided_response_closes_its_cases_and_a_late_flag_does_not_reopen_them(
    followup: ServiceUnderTest,
) -> None:
    await an_open_case(followup)
    await followup.receive(voiding())
    await followup.receive(voiding())
    (case,) = (await told(followup)).values()
    assert (case.state, case.closed_as) == (CaseState.CLOSED, ClosedAs.CORRECTED)
    await followup.receive(a_flag(item_revision=3, state="changed", severity="critical"))
    (case,) = (await told(followup)).values()
    assert case.state is CaseState.CLOSED


async def test_merged_cases_are_worked_told_and_closed_as_one(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, login="zhou.qi", department="repair")
    first, second = await two_cases_of_one_customer(followup)
    await member.post(f"{API}/cases/{first}/start")
    assert (await member.post(f"{API}/cases/{second}/merge", json={"into": first})).status_code == 200
    assert (await member.post(f"{API}/cases/{second}/solve", json=SOLUTION)).status_code == 409
    assert (await member.post(f"{API}/cases/{first}/solve", json=SOLUTION)).status_code == 200
    (request,) = await followup.sent(CallbackRequested)
    attempt = an_attempt(NOW + timedelta(hours=3), about=request)
    await followup.receive(attempt)
    assert {case.state for case in (await told(followup)).values()} == {CaseState.TOLD}
    await member.post(f"{API}/cases/{first}/close", json={"evidence": attempt.attempt_id})
    closed = await told(followup)
    assert {(case.state, case.evidence, case.owner) for case in closed.values()} == {
        (CaseState.CLOSED, (attempt.attempt_id,), "zhou.qi")
    }
    about = request.about.model_dump(exclude_none=True)
    await followup.receive(a_flag(item_id="bad-answer", response_id="second-response", about=about))
    assert {case.state for case in (await told(followup)).values()} == {CaseState.REOPENED}
    for case_id in (first, second):
        assert (await member.get(f"{API}/cases/{case_id}")).json()["chain_whole"] is True


async def test_a_merged_case_goes_its_own_way_when_its_leader_was_no_duty(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    first, second = await two_cases_of_one_customer(followup)
    await member.post(f"{API}/cases/{second}/merge", json={"into": first})
    await followup.receive(a_flag(item_revision=2, state="withdrawn"))
    case = (await told(followup))[second]
    assert (case.state, case.leader) == (CaseState.OPEN, None)


async def test_cases_of_different_customers_are_not_merged(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    await followup.receive(a_flag(), a_flag("customer-2"))
    first, second = sorted(await told(followup))
    refused = await member.post(f"{API}/cases/{second}/merge", json={"into": first})
    assert refused.json()["errors"] == [{"field": "into", "rule": "is a case of another customer"}]


async def test_every_line_of_every_history_says_who_when_and_why(followup: ServiceUnderTest) -> None:
    await test_merged_cases_are_worked_told_and_closed_as_one(followup)
    await followup.receive(await a_promise(followup, DUE, ref=REF))
    await followup.run_until(DUE + timedelta(days=10))
    mute = await followup.query(
        "SELECT case_id, action FROM case_history WHERE actor = '' OR coalesce(detail ->> 'why', '') = ''"
    )
    assert mute == []
