"""The pages of the report in a real browser: width, accessibility, numbers that open what they count, charts."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, running
from chassis.testing.infra import Infra
from services.reporting.app import PAGES, SERVICE
from tests.e2e.agents.scene import NARROW, WIDE, Desk, a_desk, faults_of
from tests.e2e.report_scene import NOW, tell_everything

SEEN = [(WIDE, "zh-CN", "light"), (NARROW, "zh-CN", "dark"), (NARROW, "en", "light")]

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
async def desk(infra: Infra) -> AsyncIterator[Desk]:
    async with running(SERVICE, infra, now=NOW) as reporting:
        await tell_everything(reporting)
        await reporting.run_until(NOW + timedelta(days=4))  # over a Monday: its reports are published
        async with a_desk(reporting) as opened:
            yield opened


async def pictured(page: Page, name: str) -> None:
    """Where a directory for pictures is named, the whole page goes there."""
    if folder := os.environ.get("AFTERCALL_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("size", "language", "theme"), SEEN, ids=["1440-zh", "360-zh-dark", "360-en"])
async def test_every_page_fits_and_is_accessible(desk: Desk, size: dict[str, int], language: str, theme: str) -> None:
    page = await desk.sign_in(Role.ANALYST, f"analyst-{size['width']}-{language}", size=size, language=language)
    faults: list[str] = []
    for path, _title in PAGES:
        answer = await page.goto(f"{WEB_URL}/reporting/{path}?lang={language}&theme={theme}")
        assert answer is not None
        assert answer.status == 200, path
        await expect(page.locator("main h1")).to_be_visible()
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{path}: {fault}" for fault in await faults_of(page)]
        faults += [f"{path}: {wide} px too wide"] if wide > 0 else []
        await pictured(page, f"report-{path}-{size['width']}-{language}")
    assert faults == []


async def test_charts_are_drawn_and_the_numbers_stand_in_the_table_beside_them(desk: Desk) -> None:
    page = await desk.sign_in(Role.ANALYST, "analyst-charts")
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("trends", "conclusions"):
        await page.goto(f"{WEB_URL}/reporting/{path}?period=2026-10")
        await expect(page.locator("[data-chart] canvas").first).to_be_visible()
        assert await page.locator("table tbody tr").count() > 1
    assert complaints == []


async def test_without_javascript_the_drawing_stays(desk: Desk) -> None:
    page = await desk.sign_in(Role.ANALYST, "analyst-plain")
    await page.route("**/*.js*", lambda route: route.abort())
    await page.goto(f"{WEB_URL}/reporting/conclusions?period=2026-10")
    await expect(page.locator("[data-chart] svg").first).to_be_visible()


async def test_a_number_opens_as_many_answers_as_it_says(desk: Desk) -> None:
    page = await desk.sign_in(Role.ANALYST, "analyst-opens")
    for path in ("nps", "problems", "people", "overview", "weekly", "profiles", "channels", "checks"):
        await page.goto(f"{WEB_URL}/reporting/{path}")
        links = page.locator("table a[href*='/reporting/cases']")
        assert await links.count() > 0, path
        told = await links.last.inner_text()
        await links.last.click()
        await expect(page.locator(".pagehead")).to_contain_text(f"计了 {told.replace(',', '')} 条回答")


async def test_words_are_shown_with_their_evidence_and_without_numbers(desk: Desk) -> None:
    page = await desk.sign_in(Role.ANALYST, "analyst-words")
    await page.goto(f"{WEB_URL}/reporting/problems?period=2026-10&problem=attitude")
    await expect(page.locator("blockquote mark").first).to_have_text("他说爱等不等")
    assert "13800002046" not in await page.content()


async def test_a_filter_makes_a_domain_and_the_switch_leaves_the_flagged_out(desk: Desk) -> None:
    page = await desk.sign_in(Role.ANALYST, "analyst-filter")
    await page.goto(f"{WEB_URL}/reporting/overview?period=2026-10")
    whole = await page.locator(".estimate-n").first.inner_text()
    await page.select_option("#scenario", "complaint")
    await page.select_option("#flagged", "without")
    await page.get_by_role("button", name="筛选").click()
    assert await page.locator(".estimate-n").first.inner_text() != whole
    assert await page.locator("#scenario").input_value() == "complaint"


async def test_a_row_of_the_report_leads_to_the_form_of_a_measure(desk: Desk) -> None:
    page = await desk.sign_in(Role.ANALYST, "analyst-measure")
    await page.goto(f"{WEB_URL}/reporting/problems?period=2026-10")
    target = await page.get_by_role("link", name="立项").first.get_attribute("href")
    assert target is not None
    assert target.startswith("/followup/improvements?period=2026-10&row=problem%2F")
