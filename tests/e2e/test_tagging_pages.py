"""The pages of tagging in a real browser: wide, narrow, in both languages, by keyboard, and when there is nothing."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, running
from chassis.testing.infra import Infra
from contracts.events.tagging import PraiseRouted
from services.tagging.app import SERVICE
from tests.e2e.agents.scene import NARROW, WIDE, Desk, a_desk, faults_of
from tests.integration.tagging.builders import a_response
from tests.integration.tagging.conftest import NOW

pytestmark = pytest.mark.e2e
TOLD = (
    (1, "客服态度很差，问两句就挂电话，再不解决我就打12315。安装师傅很耐心。建议增加短信通知。"),
    (2, "报修以后等了三天，维修人员才来，来了又没带配件。"),
    (5, "师傅很细心，还想再装一台。"),
)


@pytest.fixture(scope="module")
async def desk(infra: Infra) -> AsyncIterator[Desk]:
    async with running(SERVICE, infra, now=NOW) as tagging:
        for number, (score, words) in enumerate(TOLD):
            await tagging.receive(await a_response(tagging, score, words, ref=f"customer-{number}"))
        await tagging.tick()
        async with a_desk(tagging) as opened:
            yield opened


async def looked_at(page: Page, name: str, size: dict[str, int]) -> None:
    """It fits and it is accessible; where a directory for pictures is named, the whole page goes there."""
    if folder := os.environ.get("AFTERCALL_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"tagging-{name}-{size['width']}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert await faults_of(page) == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_tags_are_corrected_and_the_rules_measured(desk: Desk, size: dict[str, int], language: str) -> None:
    page = await desk.sign_in(Role.SUPERVISOR, f"s-{language}-{size['width']}", size=size, language=language)
    await page.goto(f"{WEB_URL}/tagging/responses?lang={language}")
    await looked_at(page, f"responses-{language}", size)
    await page.goto(f"{WEB_URL}/tagging/responses/response-of-customer-0")
    assert await page.locator("mark").count() >= 3
    heading = {"zh-CN": "核对标签", "en": "Check the tags"}[language]
    assert await page.locator("#judge h2").inner_text() == heading
    await page.locator("#department-1").select_option("billing")
    await page.locator("#judge button[type=submit]").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/tagging/responses/response-of-customer-0#judge")
    assert await page.locator("#department-1").input_value() == "billing"
    await looked_at(page, f"response-{language}", size)
    await page.goto(f"{WEB_URL}/tagging/quality")
    assert await page.locator("tbody tr").count() >= 3
    await looked_at(page, f"quality-{language}", size)


async def test_the_moved_item_was_told_once_though_the_page_was_saved_four_times(desk: Desk) -> None:
    told = [one for one in await desk.survey.sent(PraiseRouted) if one.response_id == "response-of-customer-0"]
    assert [(one.item_revision, one.department) for one in told] == [(1, "installation"), (2, "billing")]


async def test_an_empty_house_says_what_to_do(infra: Infra) -> None:
    async with running(SERVICE, infra, now=NOW) as tagging, a_desk(tagging) as opened:
        page = await opened.sign_in(Role.ANALYST, "nobody-yet", size=NARROW)
        for path in ("responses", "quality"):
            await page.goto(f"{WEB_URL}/tagging/{path}")
            assert await page.locator(".empty").count() == 1
            await looked_at(page, f"{path}-empty", NARROW)
