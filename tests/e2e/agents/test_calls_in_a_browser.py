"""Agents at work in a real browser: by keyboard only, two at once, through a crash, and with a customer who refuses."""

import asyncio
from typing import Any

from playwright.async_api import Page, async_playwright

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL
from contracts.answers import AnswerSheet, AnswerTexts
from contracts.events.survey import AttemptClosed, PromiseMade, ResponseRecorded
from contracts.vocabulary import Disposition, Mood, ResponseStatus
from tests.e2e.agents.scene import CHROMIUM, NARROW, Desk, a_rich_permit
from tests.integration.survey.builders import MONTH

KEYS = {"rating": "4", "nps": "9", "solved": "y", "approval": "y", "choice": "1"}
SCREENS = 20
WORDS = "师傅很准时，配件也带齐了"
_KEPT = "SELECT jsonb_object_keys(answers) FROM interview WHERE callback_id = $1"


async def press(page: Page, *keys: str) -> None:
    """Each key leads to another page; the next one waits for it."""
    for key in keys:
        async with page.expect_navigation():
            await page.keyboard.press(key)


async def start(page: Page, callback: str) -> None:
    """From the queue to the first question, by Enter alone: claim, dial, connected, opened, identity, consent."""
    await page.goto(f"{WEB_URL}/survey/queue?row={callback}")
    await press(page, *["Enter"] * 6)
    assert await page.locator("form.answer").count() == 1


async def answer_here(page: Page, **given: str) -> str:
    """Answers the question on the page; returns its id."""
    form = page.locator("form.answer")
    kind, at = await form.get_attribute("data-kind"), await form.get_attribute("data-at")
    question = str(at).partition(".")[2]
    if kind == "text":
        await page.keyboard.type(given.get(question, WORDS))
        await press(page, "Control+Enter")
    else:
        await press(page, given.get(question, KEYS[str(kind)]))
    return question


async def answer_all(page: Page, **given: str) -> list[str]:
    asked: list[str] = []
    while await page.locator("form.answer").count():
        asked.append(await answer_here(page, **given))
        assert len(asked) < SCREENS, asked
    return asked


async def promise(page: Page, key: str, what: str, *, department: int) -> None:
    """The form that `key` opens: words, then the department by arrow keys, the days as they stand, the button."""
    await page.keyboard.press(key)
    await page.keyboard.type(what)
    for following in ("Tab", *["ArrowDown"] * department, "Tab", "Tab"):
        await page.keyboard.press(following)
    await press(page, "Enter")


async def of_callback(desk: Desk, model: Any, callback: str) -> list[Any]:
    return [event for event in await desk.survey.sent(model) if event.callback_id == callback]


async def opened(desk: Desk, told: ResponseRecorded) -> tuple[AnswerSheet, AnswerTexts]:
    ref = told.customer_ref
    keys = await desk.survey.runtime.vault.keyring(text=[ref], facts=[MONTH])
    sheet = keys.open_as(AnswerSheet, ref, "answers", told.answers)
    texts = AnswerTexts() if told.texts is None else keys.open_as(AnswerTexts, ref, "texts", told.texts)
    assert isinstance(sheet, AnswerSheet) and isinstance(texts, AnswerTexts)
    return sheet, texts


async def test_an_agent_does_a_full_call_by_keyboard_only(desk: Desk) -> None:
    await desk.survey.receive(await a_rich_permit(desk.survey, "cb-keys"))
    page = await desk.sign_in(Role.AGENT, "keys")
    await start(page, "cb-keys")

    await page.keyboard.press("m")
    async with page.expect_response("**/marks"):
        await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Escape")
    await promise(page, "p", "答复配件为何漏带", department=1)
    await promise(page, "g", "想再装一台净水器", department=2)
    await page.keyboard.press("/")
    async with page.expect_response("**/faq?**"):
        await page.keyboard.type("答复")
    await page.locator("#faq-found article").nth(1).wait_for(state="detached")  # one of the four fits
    await page.keyboard.press("Tab")
    await press(page, "Enter")
    assert await page.locator("#faq-found .chip.ok").count() == 1

    asked = await answer_all(page, overall="2", reason="等了三天才上门")
    assert "reason" in asked, "after a 2 the reason is asked"
    await press(page, "h", "Control+Enter")
    assert page.url.endswith("/survey/queue")

    [ended] = await of_callback(desk, AttemptClosed, "cb-keys")
    assert ended.disposition is Disposition.COMPLETE
    final = [told for told in await of_callback(desk, ResponseRecorded, "cb-keys") if told.final]
    [told] = final
    sheet, texts = await opened(desk, told)
    assert told.status is ResponseStatus.COMPLETE and sheet.mood is Mood.DISAPPOINTED
    assert texts.texts["reason"] == "等了三天才上门"
    made = await of_callback(desk, PromiseMade, "cb-keys")
    assert [(one.department, one.by) for one in made] == [("repair", "keys"), ("installation", "keys")]
    used = await desk.survey.query("SELECT entry_id, outcome, agent FROM handbook_use WHERE callback_id = 'cb-keys'")
    assert [tuple(row) for row in used] == [("when-answer", "used", "keys")]


async def test_of_two_agents_who_claim_at_once_one_gets_the_callback(desk: Desk) -> None:
    await desk.survey.receive(await a_rich_permit(desk.survey, "cb-race"))
    pages = [await desk.sign_in(Role.AGENT, login) for login in ("race-1", "race-2")]
    for page in pages:
        await page.goto(f"{WEB_URL}/survey/queue?row=cb-race")
    await asyncio.gather(*[press(page, "Enter") for page in pages])
    standing = [await page.locator("#call").count() for page in pages]
    assert sorted(standing) == [0, 1]
    loser = pages[standing.index(0)]
    assert "刚刚领取" in await loser.inner_text("main")
    leases = await desk.survey.query("SELECT agent FROM lease WHERE callback_id = 'cb-race'")
    assert len(leases) == 1


async def test_a_crashed_browser_loses_nothing_and_the_call_goes_on(desk: Desk) -> None:
    await desk.survey.receive(await a_rich_permit(desk.survey, "cb-crash"))
    survivor = await desk.sign_in(Role.AGENT, "crash")
    state = await survivor.context.storage_state()
    async with async_playwright() as playwright:
        doomed = await playwright.chromium.launch(executable_path=CHROMIUM, args=desk.arguments)
        page = await (await doomed.new_context(locale="zh-CN", storage_state=state)).new_page()
        await start(page, "cb-crash")
        while await page.locator("form.answer").get_attribute("data-kind") != "text":
            await answer_here(page, overall="1")
        async with page.expect_response("**/answers/**"):  # the words are kept a second after the last key
            await page.keyboard.type("等了三天")
        before = await desk.survey.query(_KEPT, "cb-crash")
        killer = await doomed.new_browser_cdp_session()
        crash = asyncio.ensure_future(killer.send("Browser.crash"))
        await asyncio.wait([crash], timeout=10)
        crash.cancel()
    await survivor.goto(f"{WEB_URL}/survey/queue")
    assert "您手上还有一通没有整理完" in await survivor.inner_text("main")
    await survivor.click("text=回到这一通")
    assert await survivor.locator(".rail li.done").count() == 3 + len(before)
    await answer_all(survivor)
    await press(survivor, "h", "Control+Enter")
    [told] = [told for told in await of_callback(desk, ResponseRecorded, "cb-crash") if told.final]
    sheet, texts = await opened(desk, told)
    assert told.status is ResponseStatus.COMPLETE
    assert [answer.score for answer in sheet.answers if answer.question_id == "overall"] == [1]
    assert texts.texts["reason"] == "等了三天"


async def test_an_answer_waits_out_a_lost_network(desk: Desk) -> None:
    await desk.survey.receive(await a_rich_permit(desk.survey, "cb-away"))
    page = await desk.sign_in(Role.AGENT, "away")
    await start(page, "cb-away")
    before = await page.locator("form.answer").get_attribute("data-at")
    await page.context.set_offline(True)
    await page.keyboard.press("4")
    await page.locator("#offline").wait_for(state="visible")
    assert await desk.survey.query(_KEPT, "cb-away") == []
    async with page.expect_navigation():
        await page.context.set_offline(False)
    assert await page.locator("form.answer").get_attribute("data-at") != before
    assert len(await desk.survey.query(_KEPT, "cb-away")) == 1
    assert not await page.locator("#offline").is_visible()


async def test_a_refusal_that_ends_online_is_one_record_with_two_attempts(desk: Desk) -> None:
    await desk.survey.receive(await a_rich_permit(desk.survey, "cb-no", phone="+8613800138246"))
    page = await desk.sign_in(Role.AGENT, "no")
    await page.goto(f"{WEB_URL}/survey/queue?row=cb-no")
    await press(page, "Enter", "Enter", "Enter", "r", "y")
    assert await page.locator("input[name=online_consented]").is_checked()
    await press(page, "Control+Enter")
    [refused] = await of_callback(desk, AttemptClosed, "cb-no")
    assert (refused.disposition, refused.online_consented) == (Disposition.REFUSAL, True)
    assert refused.detail == "客户拒访，建议线上渠道跟进"

    # scheduler's answer to that: leave for one message
    given = await a_rich_permit(
        desk.survey, "cb-no", phone="+8613800138246", number=2, channel="email", channel_reason="preference"
    )
    await desk.survey.receive(given)
    await desk.survey.tick()
    assert desk.mailbox is not None
    link = f"{WEB_URL}/q/{desk.mailbox.codes()[-1]}"
    visitor = await desk.browser.new_context(viewport=NARROW, locale="zh-CN", java_script_enabled=False)  # type: ignore[arg-type]
    screen = await visitor.new_page()
    await screen.goto(link)
    await screen.fill("input[name=last_four]", "8246")
    await screen.click("button[type=submit]")
    for _screen in range(SCREENS):
        if screen.url.endswith("/thanks"):
            break
        if await screen.locator("textarea").count():
            await screen.fill("textarea", WORDS)
        else:
            await screen.locator("input[type=radio]").first.check(force=True)
        await screen.click("button[value=next]")
    assert screen.url.endswith("/thanks")

    attempts = await of_callback(desk, AttemptClosed, "cb-no")
    assert [one.disposition for one in attempts] == [Disposition.REFUSAL, Disposition.DELIVERED]
    responses = {told.response_id for told in await of_callback(desk, ResponseRecorded, "cb-no")}
    assert len(responses) == 1
    await page.goto(f"{WEB_URL}/survey/records/cb-no/sheet")
    shown = await page.inner_text("main")
    assert "客户拒访，建议线上渠道跟进" in shown and "问卷已送达" in shown and WORDS in shown
