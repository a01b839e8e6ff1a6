"""The departments' pages in a real browser: wide, narrow, in both languages, by keyboard, and when there is nothing."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.followup import CallbackRequested, CaseChanged
from services.followup.app import SERVICE
from tests.e2e.agents.scene import NARROW, WIDE, Desk, a_desk, faults_of
from tests.integration.followup.builders import a_flag, a_promise, a_response, a_suggestion, an_attempt, praise
from tests.integration.followup.conftest import NOW

pytestmark = pytest.mark.e2e
API = "/followup/api/v1"
DAY = timedelta(days=1)
TOLD = (
    ("同一故障三次上门仍未修好，每次都说配件没到。", 1, "critical", ["competence", "process"]),
    ("报修两天后才接到联系电话，等了两天没人管。", 2, "major", ["response_speed"]),
    ("预约上午，下午一点才到，耽误了半天工。", 2, "minor", ["response_speed"]),
    ("师傅态度生硬，拒绝开收据。", 1, "major", ["attitude"]),
    ("维修热线转接四次才有人听我说完。", 2, "minor", ["process"]),
)
WISHES = ("希望上门前能发短信通知", "建议上门之前先发短信", "配件的价格能不能提前说明")
PRAISES = (
    ("谢谢王师傅，2 个小时就到了，还讲解了清洗方法。", "家电维修二组"),
    ("上门的师傅自己带了鞋套和垫布，走的时候还把地擦了。", "家电维修二组"),
    ("说好十点，十点整就敲门了，很守时。", "家电维修一组"),
)
PAGES = {
    "board": "/followup/board",
    "overdue": "/followup/overdue",
    "customer": "/followup/customers/customer-0",
    "promises": "/followup/promises",
    "effects": "/followup/effects",
    "suggestions": "/followup/suggestions?similar=0.4",
    "idea": "/followup/suggestions/idea/SG-101",
    "praise": "/followup/praise",
    "improvements": "/followup/improvements",
}
CASES = {"case": 1001, "case-told": 1003, "case-next-year": 1006}
HOUSE = {"house": "/followup/house"}
"""For supervisors only."""


@pytest.fixture(scope="module")
async def desk(infra: Infra) -> AsyncIterator[Desk]:
    async with running(SERVICE, infra, now=NOW) as followup:
        await a_week(followup)
        async with a_desk(followup) as opened:
            yield opened


async def a_week(followup: ServiceUnderTest) -> None:
    """Cases old and new, one told and answered again, wishes alike, praise, a measure."""
    zhou = await followup.client(Role.DEPARTMENT, login="zhou.qi", department="repair")
    await _a_case(followup, 0)
    await followup.receive(a_flag("customer-0", item_id="again", response_id="other", spans=[]))
    await _a_case(followup, 1)
    await followup.receive(await a_promise(followup, NOW + 2 * DAY, ref="customer-1"))
    await _through_to_the_second_callback(followup, zhou)
    await followup.run_until(NOW + 6 * DAY)
    await _a_case(followup, 2)
    await _a_case(followup, 3)
    await _a_case(followup, 4, due_policy="working_days:40")  # in a year whose days off are not published yet
    await zhou.post(f"{API}/cases/AC-1004/assign", json={})
    for number, wish in enumerate(WISHES):
        ref = f"author-{number}"
        span = [{"question_id": "why", "start": 0, "end": len(wish)}]
        await followup.receive(await a_response(followup, 4, wish, ref=ref), a_suggestion(ref, spans=span))
    for number, (words, team) in enumerate(PRAISES):
        span = [{"question_id": "why", "start": 0, "end": len(words)}]
        told = praise(f"fan-{number}", spans=span, team=team)
        await followup.receive(await a_response(followup, 5, words, ref=f"fan-{number}"), told)
    supervisor = await followup.client(Role.SUPERVISOR)
    await supervisor.post("/followup/praise/praise-of-fan-0/mark", data={"practice": "上门后讲解清洗方法"})
    measure = {"period": "2026-11", "row": "problem/response_speed", "measure": "夜间派工增加一人", "owner": "周启"}
    await supervisor.post(f"{API}/improvements", json=measure | {"due_on": "2026-12-15", "department": "repair"})


async def _a_case(followup: ServiceUnderTest, number: int, due_policy: str = "working_days:2") -> None:
    text, score, severity, codes = TOLD[number]
    ref = f"customer-{number}"
    span = [{"question_id": "why", "start": 0, "end": len(text)}]
    await followup.receive(await a_response(followup, score, text, ref=ref))
    await followup.receive(a_flag(ref, spans=span, severity=severity, codes=codes, due_policy=due_policy))


async def _through_to_the_second_callback(followup: ServiceUnderTest, zhou: httpx.AsyncClient) -> None:
    case_id = next(c.case_id for c in await followup.sent(CaseChanged) if c.customer_ref == "customer-1")
    await zhou.post(f"{API}/cases/{case_id}/start")
    await zhou.post(f"{API}/cases/{case_id}/note", json={"text": "已调取派工单，确认出库清单漏项。"})
    solution = {"root_cause": "parts", "root_cause_text": "派工单未带出配件清单", "action": "process_change"}
    solution |= {"action_text": "派工必须勾选配件，库房复核", "progress_text": "流程已改，为您延保 6 个月"}
    await zhou.post(f"{API}/cases/{case_id}/solve", json=solution)
    request = (await followup.sent(CallbackRequested))[-1]
    at = NOW + timedelta(hours=1)
    await followup.run_until(at)
    attempt = an_attempt(at, about=request, ref="customer-1")
    about = request.about.model_dump(exclude_none=True)
    second = {"response_id": "second", "purpose": "progress", "about": about, "connected_at": at, "recorded_at": at}
    await followup.receive(attempt, await a_response(followup, 5, "这次处理得很好", ref="customer-1", **second))
    await zhou.post(f"{API}/cases/{case_id}/close", json={"evidence": attempt.attempt_id})


async def looked_at(page: Page, name: str, size: dict[str, int]) -> None:
    """It fits, it is accessible; where a directory for pictures is named, the whole page goes there."""
    if folder := os.environ.get("AFTERCALL_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"followup-{name}-{size['width']}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert await faults_of(page) == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "360"])
@pytest.mark.parametrize("name", [*PAGES, "case", "case-told", "case-next-year"])
async def test_every_page_of_a_department_fits_and_is_accessible(desk: Desk, name: str, size: dict[str, int]) -> None:
    page = await desk.sign_in(Role.DEPARTMENT, f"d-{name}-{size['width']}", size=size)
    cases = {name: f"/followup/cases/AC-{number}" for name, number in CASES.items()}
    answer = await page.goto(WEB_URL + (PAGES | cases)[name])
    assert answer is not None
    assert answer.status == 200
    await looked_at(page, name, size)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "360"])
@pytest.mark.parametrize("name", ["overdue", "effects", "suggestions", "praise", "improvements", "house"])
async def test_a_supervisor_sees_every_department_in_english(desk: Desk, name: str, size: dict[str, int]) -> None:
    page = await desk.sign_in(Role.SUPERVISOR, f"s-{name}-{size['width']}", size=size)
    await page.goto(f"{WEB_URL}{(PAGES | HOUSE)[name].partition('?')[0]}?lang=en")
    assert await page.locator("html").get_attribute("lang") == "en"
    await looked_at(page, f"{name}-en", size)


async def test_a_case_is_taken_by_keyboard_alone(desk: Desk) -> None:
    page = await desk.sign_in(Role.DEPARTMENT, "keys")
    await page.goto(f"{WEB_URL}/followup/board")
    button = page.locator("form[action$='/assign'] button").first
    await button.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/followup/cases/**")
    assert "keys" in await page.locator("#facts").inner_text()


@pytest.mark.parametrize("name", ["board", "overdue", "promises", "effects", "suggestions", "praise"])
async def test_a_department_with_nothing_is_told_what_will_come(desk: Desk, name: str) -> None:
    client = await desk.survey.client(Role.DEPARTMENT, department="billing")
    shown = (await client.get(PAGES[name], headers={"accept": "text/html"})).text
    assert 'class="empty"' in shown
