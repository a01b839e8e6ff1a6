"""The what-if page and the policy pages in a real browser, over some busy days."""

import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, running
from chassis.testing.infra import Infra
from contracts.vocabulary import Scenario
from services.scheduler.app import SERVICE
from services.scheduler.configured import configured_rules
from tests.e2e.agents.scene import NARROW, WIDE, Desk, a_desk, faults_of
from tests.integration.scheduler.builders import NOW
from tests.integration.scheduler.busy_days import BusyDays
from tests.integration.scheduler.test_publishing import published, with_ratio

pytestmark = pytest.mark.e2e
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "360"])
SPAN = "first=2026-10-01&last=2026-10-31"


@pytest.fixture(scope="module")
async def desk(infra: Infra) -> AsyncIterator[Desk]:
    async with running(SERVICE, infra, now=NOW) as scheduler:
        await BusyDays(scheduler, 3).live(steps=8, services=25)
        await published(scheduler, with_ratio(configured_rules().policies, Scenario.USAGE, "0.2"))
        async with a_desk(scheduler) as opened:
            yield opened


async def shown(desk: Desk, path: str, name: str, *, size: dict[str, int], language: str) -> None:
    """The page fits its screen, has no serious fault, and is pictured where pictures are wanted."""
    page = await desk.sign_in(Role.ADMIN, f"m{random.randrange(10**9)}", size=size, language=language)
    answer = await page.goto(f"{WEB_URL}{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer is not None and answer.status in (200, 422 if name == "whatif-asked" else 200)
    await expect(page.locator("h1")).to_have_count(1)
    await pictured(page, f"{name}-{size['width']}-{language}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert await faults_of(page) == []


async def pictured(page: Page, name: str) -> None:
    """Where a directory for pictures is named, the whole page goes there."""
    if folder := os.environ.get("AFTERCALL_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@SIZES
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("whatif-asked", "/scheduler/whatif?first=2026-10-01&last=x&ratio=0"),
        ("whatif", f"/scheduler/whatif?{SPAN}&ratio=30&agents=20"),
        ("scenarios", "/scheduler/scenarios"),
        ("scenario", "/scheduler/scenarios/usage"),
        ("house", "/scheduler/scenarios/house"),
    ],
)
async def test_the_page_fits_and_is_accessible(
    desk: Desk, name: str, path: str, size: dict[str, int], language: str
) -> None:
    await shown(desk, path, name, size=size, language=language)


async def test_the_form_is_filled_in_and_sent_with_the_keyboard(desk: Desk) -> None:
    page = await desk.sign_in(Role.ANALYST, f"n{random.randrange(10**9)}", size=WIDE, language="zh-CN")
    await page.goto(WEB_URL + "/scheduler/whatif")
    await page.locator("#first").fill("2026-10-01")
    await page.locator("#last").fill("2026-10-31")
    await page.locator("#agents").focus()
    await page.keyboard.type("50")
    await page.keyboard.press("Enter")
    await expect(page.locator(".tiles")).to_be_visible()
    assert "agents=50" in page.url
    await expect(page.locator("#how")).to_be_attached()
