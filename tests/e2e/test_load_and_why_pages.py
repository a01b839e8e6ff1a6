"""The load page and the why page in a real browser, over a week of invented work."""

import os
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.intake import ServiceCompleted
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Disposition
from services.scheduler.app import SERVICE
from tests.e2e.agents.scene import NARROW, WIDE, Desk, a_desk, faults_of
from tests.integration.scheduler.builders import a_completion, an_attempt

# a Wednesday, 10:20 in Shanghai
NOW = datetime(2026, 11, 18, 2, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
_SHARES = {"after_sale": 30, "complaint": 6, "consultation": 26, "installation": 18, "first_service": 14, "usage": 6}
SERVICES = 1100
EVERYDAY, STEP = 60, 6
"""Hours over which the work of the scene was completed, and after which it is told."""

TITLES = {"zh-CN": "未来 7 天负荷", "en": "Load of the coming 7 days"}

pytestmark = pytest.mark.e2e


def works() -> list[ServiceCompleted]:
    """Always the same ones. A few share a telephone, so that some wait for the contact budget."""
    chance = random.Random(20261118)
    found = []
    for number in range(SERVICES):
        scenario = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
        recent = scenario in ("after_sale", "complaint")
        ago = chance.uniform(0.2, 9 if scenario == "complaint" else 20) if recent else chance.uniform(1, EVERYDAY)
        completed = NOW - HOUR * ago
        phone = f"138{chance.randrange(1000) if chance.random() < 0.06 else 10_000 + number:08d}"
        found.append(
            a_completion(
                service_id=f"SV-202611-{number:04d}",
                scenario=scenario,
                completed_at=completed,
                handled_at=completed,
                customer={"phone": phone, "level": "VIP2" if chance.random() < 0.05 else None},
            )
        )
    return found


@pytest.fixture(scope="module")
async def desk(infra: Infra) -> AsyncIterator[Desk]:
    async with running(SERVICE, infra, now=NOW - HOUR * EVERYDAY) as scheduler:
        told = sorted(works(), key=lambda document: document.completed_at)
        for ago in range(EVERYDAY - STEP, -1, -STEP):
            now = NOW - HOUR * ago
            await scheduler.step_to(now)
            await scheduler.receive(*[d for d in told if now - HOUR * STEP < d.completed_at <= now])
            await scheduler.run_until(now)
        await _some_are_called(scheduler)
        async with a_desk(scheduler) as opened:
            yield opened


async def _some_are_called(scheduler: ServiceUnderTest) -> None:
    for number, due in enumerate(await scheduler.sent(CallbackDue)):
        if number % 3 == 0:
            said = (Disposition.BREAK_OFF, Disposition.NO_ANSWER, Disposition.BUSY)[number % 9 // 3]
            await scheduler.receive(an_attempt(due, said, at=NOW - HOUR / 6))


async def opened(desk: Desk, path: str, *, size: dict[str, int], language: str = "zh-CN") -> Page:
    page = await desk.sign_in(Role.SUPERVISOR, f"supervisor-{random.randrange(10**6)}", size=size, language=language)
    await page.goto(f"{WEB_URL}{path}?lang={language}")
    return page


async def pictured(page: Page, name: str) -> None:
    """Where a directory for pictures is named, the whole page goes there."""
    if folder := os.environ.get("AFTERCALL_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "360"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_load_page_fits_and_is_accessible(desk: Desk, size: dict[str, int], language: str) -> None:
    page = await opened(desk, "/scheduler/load", size=size, language=language)
    await expect(page.locator("h1")).to_have_text(TITLES[language])
    await expect(page.locator("table.hours a").first).to_be_visible()
    await pictured(page, f"load-{size['width']}-{language}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert await faults_of(page) == []


async def test_the_load_page_brings_itself_up_to_date_and_keeps_the_focus(desk: Desk) -> None:
    page = await opened(desk, "/scheduler/load", size=WIDE)
    cell = page.locator("table.hours a").first
    await cell.focus()
    named = await cell.get_attribute("id")
    async with page.expect_response(lambda answer: "/scheduler/load" in answer.url, timeout=30_000):
        pass
    await expect(page.locator("#load")).to_have_count(1)
    assert await page.evaluate("document.activeElement.id") == named


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "360"])
async def test_a_cell_leads_to_its_calls_and_a_call_to_its_why_page(desk: Desk, size: dict[str, int]) -> None:
    page = await opened(desk, "/scheduler/load", size=size)
    await page.locator("table.hours td.over a, table.hours td.step-2 a").first.click()
    await pictured(page, f"load-calls-{size['width']}")
    assert await faults_of(page) == []
    await page.locator("table a").first.click()
    await expect(page.locator("#verdict")).to_be_visible()
    await pictured(page, f"why-{size['width']}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert await faults_of(page) == []
