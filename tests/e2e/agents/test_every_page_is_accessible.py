"""axe-core on every page of agents and supervisors, wide and narrow, in both languages, light and dark."""

import pytest
from playwright.async_api import Page

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL
from tests.e2e.agents.scene import NARROW, WIDE, Desk, a_morning, a_rich_permit, faults_of
from tests.e2e.agents.test_calls_in_a_browser import answer_here, press
from tests.integration.survey.test_imports import a_csv, a_row, accepted

SUPERVISED = (
    "/survey/supervisor", "/survey/records", "/survey/faq", "/survey/faq/why-me", "/survey/faq/new", "/survey/offers",
    "/survey/offers/new", "/survey/quality", "/survey/imports", "/survey/recordings", "/survey/tunes",
)  # fmt: skip
SEEN = [(WIDE, "zh-CN", "light"), (NARROW, "zh-CN", "dark"), (NARROW, "en", "light")]


async def look(page: Page) -> list[str]:
    """Serious faults, and what sticks out sideways."""
    found = await faults_of(page)
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{page.url}: {fault}" for fault in [*found, *([f"{wide} px too wide"] if wide > 0 else [])]]


@pytest.mark.parametrize(("size", "language", "theme"), SEEN)
async def test_pages_of_a_call(desk: Desk, size: dict[str, int], language: str, theme: str) -> None:
    login = f"axe-{size['width']}-{language}"
    await desk.survey.receive(await a_rich_permit(desk.survey, f"cb-{login}", scenario="care"))
    page = await desk.sign_in(Role.SENIOR_AGENT, login, size=size, language=language)
    await page.goto(f"{WEB_URL}/survey/queue?row=cb-{login}&theme={theme}&lang={language}")
    faults = await look(page)
    for _step in range(6):
        await press(page, "Enter")
        faults += await look(page)
    for special in ("soothing", "refusal"):
        await page.goto(f"{WEB_URL}/survey/call/cb-{login}?path={special}")
        faults += await look(page)
    await page.goto(f"{WEB_URL}/survey/call/cb-{login}")
    while await page.locator("form.answer").count():
        faults += await look(page)
        await answer_here(page, overall="2")
    faults += await look(page)
    await page.keyboard.press("?")
    faults += await look(page)
    await page.keyboard.press("Escape")
    await press(page, "h")
    faults += await look(page)
    await page.goto(f"{WEB_URL}/survey/records/cb-{login}/sheet")
    faults += await look(page)
    assert faults == []


async def test_pages_of_a_supervisor(desk: Desk) -> None:
    await a_morning(desk.survey)
    for size, language, theme in SEEN:
        page = await desk.sign_in(Role.SUPERVISOR, f"sup-{size['width']}-{language}", size=size, language=language)
        faults: list[str] = []
        for path in SUPERVISED:
            await page.goto(f"{WEB_URL}{path}?theme={theme}&lang={language}")
            faults += await look(page)
        assert faults == []


async def test_the_rows_of_an_import(desk: Desk) -> None:
    """A good row, one that names no known service and one with an impossible score, handed in by the page."""
    await accepted(desk.survey, "axe-1")
    await accepted(desk.survey, "axe-2")
    content = a_csv(a_row("axe-1"), a_row("nobody-knows-it"), a_row("axe-2", overall__score=9))
    for size, language, theme in SEEN:
        page = await desk.sign_in(Role.SUPERVISOR, f"rows-{size['width']}-{language}", size=size, language=language)
        await page.goto(f"{WEB_URL}/survey/imports?lang={language}")
        await page.set_input_files("#file", {"name": "answers.csv", "mimeType": "text/csv", "buffer": content})
        await page.select_option("#questionnaire", "after_sale")
        await page.locator('form[enctype="multipart/form-data"] button').click()
        await page.wait_for_url("**/survey/imports/*")
        await page.goto(f"{page.url}?theme={theme}&lang={language}")
        assert await page.locator("tbody tr").count() == 3
        assert await look(page) == []


async def test_pages_of_an_administrator(desk: Desk) -> None:
    for size, language, theme in SEEN:
        page = await desk.sign_in(Role.ADMIN, f"admin-{size['width']}-{language}", size=size, language=language)
        faults: list[str] = []
        for path in ("/survey/webhooks", "/survey/imports", "/survey/recordings", "/survey/tunes"):
            await page.goto(f"{WEB_URL}{path}?theme={theme}&lang={language}")
            faults += await look(page)
        assert faults == []
