"""A customer answers on a telephone of 360 px: no JavaScript, in WeChat, in two languages, with a break between."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page

from chassis.testing.harness import WEB_URL
from contracts.events.survey import ResponseRecorded
from contracts.vocabulary import ResponseStatus
from services.survey.links import code_of
from tests.e2e.agents.scene import NARROW, Desk, a_rich_permit, faults_of

SCREENS = 20
WORDS = "等了三天才上门"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2046A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 "
    "Mobile Safari/537.36 MicroMessenger/8.0.49.2600 NetType/WIFI Language/zh_CN"
)
PRIVATE = ("客户甲", "滚筒洗衣机", "XQG100", "脱水异响", "工程师乙", "138")


async def a_link(desk: Desk, callback: str) -> str:
    """An e-mail has brought this customer a link; the telephone number ends in 8246."""
    await desk.survey.receive(await a_rich_permit(desk.survey, callback, channel="email", phone="+8613800138246"))
    await desk.survey.tick()
    return f"{WEB_URL}/q/{code_of(desk.survey.settings.secrets.link_key, callback, 1)}"


async def a_phone(
    desk: Desk, *, agent: str | None = None, language: str = "zh-CN", script: bool = False
) -> BrowserContext:
    return await desk.browser.new_context(
        viewport=NARROW, locale=language, java_script_enabled=script, user_agent=agent, is_mobile=True, has_touch=True
    )  # type: ignore[arg-type]


async def prove(page: Page, link: str) -> None:
    await page.goto(link)
    shown = await page.content()
    assert [word for word in PRIVATE if word in shown] == []
    await page.fill("input[name=last_four]", "8246")
    await _submitted(page, "button[type=submit]")


async def answer_here(page: Page, score: int) -> None:
    """One question a screen."""
    assert await page.locator("form").count() == 1
    if await page.locator("textarea").count():
        await page.fill("textarea", WORDS)
    else:
        wanted = page.locator(f"input[type=radio][value='{score}']")
        choice = wanted if await wanted.count() else page.locator("input[type=radio]").first
        await choice.check(force=True)
    await _submitted(page, "button[value=next]")


async def _submitted(page: Page, button: str) -> None:
    """Until the next screen is there: a click alone does not wait for it."""
    async with page.expect_navigation():
        await page.click(button)


async def pictured(page: Page, name: str) -> None:
    """Where a directory for pictures is named, the screen goes there."""
    if folder := os.environ.get("AFTERCALL_TEST_PICTURES"):
        await page.wait_for_load_state("load")
        await page.wait_for_timeout(200)  # a telephone's browser lays out once more when it knows the width
        await page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize(
    ("name", "agent", "language"),
    [("plain", None, "zh-CN"), ("wechat", WECHAT, "zh-CN"), ("english", None, "en")],
)
async def test_without_javascript_at_360_pixels(desk: Desk, name: str, agent: str | None, language: str) -> None:
    link = await a_link(desk, f"cb-phone-{name}")
    page = await (await a_phone(desk, agent=agent, language=language)).new_page()
    await page.goto(link)
    await pictured(page, f"customer-{name}-identity")
    await prove(page, link)
    asked: list[str] = []
    for screen in range(SCREENS):
        if page.url.endswith("/thanks"):
            break
        asked.append(await page.inner_text("h1"))
        await pictured(page, f"customer-{name}-{screen}")
        await answer_here(page, score=2)
    assert len(asked) == len(set(asked)) >= 8, "every question once"
    await pictured(page, f"customer-{name}-thanks")
    assert ("谢谢" if language == "zh-CN" else "Thank you") in await page.inner_text("main")
    [told] = [e for e in await desk.survey.sent(ResponseRecorded) if e.callback_id == f"cb-phone-{name}"]
    assert (told.status, told.final) == (ResponseStatus.COMPLETE, True)


async def test_after_a_break_it_goes_on_at_the_same_question_there_and_on_another_telephone(desk: Desk) -> None:
    link = await a_link(desk, "cb-phone-break")
    phone = await a_phone(desk)
    page = await phone.new_page()
    await prove(page, link)
    for _screen in range(3):
        await answer_here(page, score=4)
    fourth, where = await page.inner_text("h1"), page.url
    await page.close()
    again = await phone.new_page()
    await again.goto(link)
    assert (await again.inner_text("h1"), again.url) == (fourth, where)
    other = await (await a_phone(desk)).new_page()
    await prove(other, link)
    assert await other.inner_text("h1") == fourth


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_screen_is_accessible_and_none_is_too_wide(desk: Desk, language: str) -> None:
    link = await a_link(desk, f"cb-phone-axe-{language}")
    page = await (await a_phone(desk, language=language, script=True)).new_page()
    faults: list[str] = []

    async def look() -> None:
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults.extend(f"{page.url}: {one}" for one in [*await faults_of(page), *([f"{wide} px"] if wide > 0 else [])])

    for path in ("", "/privacy", "/stop"):
        await page.goto(link + path)
        await look()
    await prove(page, link)
    for _screen in range(SCREENS):
        await look()
        if page.url.endswith("/thanks"):
            break
        await answer_here(page, score=1)
    assert page.url.endswith("/thanks")
    stranger = await (await a_phone(desk, language=language, script=True)).new_page()
    page = stranger
    reply = await page.goto(link)
    assert reply is not None and reply.status == 410
    await look()
    assert faults == []


async def test_a_used_and_an_expired_link_say_so_kindly(desk: Desk) -> None:
    used, late = await a_link(desk, "cb-phone-used"), await a_link(desk, "cb-phone-late")
    page = await (await a_phone(desk)).new_page()
    await prove(page, used)
    for _screen in range(SCREENS):
        if page.url.endswith("/thanks"):
            break
        await answer_here(page, score=5)
    stranger = await (await a_phone(desk)).new_page()
    reply = await stranger.goto(used)
    assert reply is not None and reply.status == 410
    assert "这个链接已经用过" in await stranger.inner_text("h1")
    assert WORDS not in await stranger.content()
    await pictured(stranger, "customer-used")
    await desk.survey.run_until(await desk.survey.runtime.now() + timedelta(hours=73))
    reply = await stranger.goto(late)
    assert reply is not None and reply.status == 410
    assert "这个链接已过期" in await stranger.inner_text("h1")
    await pictured(stranger, "customer-expired")
