"""The page of what came of promises, cases and second callbacks: each counted where it belongs."""

import re
from datetime import timedelta
from typing import Any

import httpx

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest
from contracts.events.followup import CallbackRequested, CaseChanged
from tests.integration.followup.builders import a_flag, a_promise, a_response, an_attempt, an_end
from tests.integration.followup.conftest import NOW
from tests.integration.followup.test_life_of_a_case import API, SOLUTION

BROWSER = {"accept": "text/html"}
AFTER = NOW + timedelta(hours=2)


async def solved(service: ServiceUnderTest, member: httpx.AsyncClient, ref: str) -> tuple[str, CallbackRequested]:
    await service.receive(await a_response(service, 1, ref=ref))
    await service.receive(a_flag(ref))
    case_id = next(one.case_id for one in await service.sent(CaseChanged) if one.customer_ref == ref)
    for act, body in (("start", None), ("solve", SOLUTION)):
        assert (await member.post(f"{API}/cases/{case_id}/{act}", json=body)).status_code == 200
    return case_id, (await service.sent(CallbackRequested))[-1]


async def answered_again(service: ServiceUnderTest, request: CallbackRequested, score: int, at: Any) -> str:
    ref = request.customer_ref
    attempt = an_attempt(at, about=request, ref=ref)
    second = {"response_id": f"second-{ref}", "purpose": "progress", "recorded_at": at, "connected_at": at}
    about = {"about": request.about.model_dump(exclude_none=True)}
    await service.receive(attempt, await a_response(service, score, "好", ref=ref, **second, **about))
    return attempt.attempt_id


def rows_of(page: str) -> list[list[str]]:
    """Every row of every table, as words."""
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        found.append([re.sub(r"<[^>]+>", " ", cell).strip() for cell in cells])
    return found


async def test_closings_promises_and_recovery_are_counted_apart(followup: ServiceUnderTest) -> None:
    member = await followup.client(Role.DEPARTMENT, department="repair")
    kept, broken = ("reached", NOW + timedelta(days=1)), ("unreached", NOW + timedelta(hours=1))
    for ref, due in (kept, broken):
        await followup.receive(await a_promise(followup, due, ref=ref))
    reached, first = await solved(followup, member, "reached")
    missed, second = await solved(followup, member, "unreached")
    await followup.run_until(AFTER + timedelta(minutes=10))
    attempt = await answered_again(followup, first, 4, AFTER)
    await followup.receive(an_end(second, "exhausted", AFTER, ref="unreached"))
    for case_id, evidence in ((reached, attempt), (missed, "second-callback-of-unreached")):
        answer = await member.post(f"{API}/cases/{case_id}/close", json={"evidence": evidence})
        assert answer.status_code == 200, answer.text
    await followup.receive(await a_response(followup, ref="wrong"), a_flag("wrong"))
    await followup.receive(a_flag("wrong", item_revision=2, state="withdrawn"))
    page = (await member.get("/followup/effects?period=2026-11", headers=BROWSER)).text
    rows = rows_of(page)
    assert ["维修部", "1", "1", "1"] in rows, "contacted, not reached, corrected"
    assert [row[:2] for row in rows if "lin.xiao" in row] == [["lin.xiao", "1 / 2"]], "promises by who made them"
    assert ["维修部", "1 / 2"] in [row[:2] for row in rows]
    assert "1 / 1" in page, "one pair, recovered; who was not reached is in none"
    empty = (await member.get("/followup/effects?period=2026-10", headers=BROWSER)).text
    assert "这个月还没有结案" in empty
