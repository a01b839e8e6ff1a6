"""Survey alone behind a real port, with callbacks that wait, and agents in real browsers."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, Page, async_playwright

from chassis.access.roles import Role
from chassis.testing.harness import WEB_URL, ServiceUnderTest
from contracts.context import ContactData, Handler, HistoryEntry, Purchase, ServiceContext, ServiceNarrative
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Scenario
from tests.integration.survey.builders import HOUR, MONTH, NOW, a_part, a_permit
from tests.integration.survey.mailbox import Mailbox

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parents[2] / "vendor/axe-core/axe.min.js"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
SERIOUS = ("serious", "critical")


@dataclass(frozen=True)
class Desk:
    """`open` gives a page of a signed-in person, each in a browser context of their own."""

    survey: ServiceUnderTest
    browser: Browser
    arguments: Sequence[str]
    mailbox: Mailbox | None = None

    async def sign_in(self, role: Role, login: str, *, size: dict[str, int] = WIDE, language: str = "zh-CN") -> Page:
        client = await self.survey.client(role, login=login)
        context = await self.browser.new_context(viewport=size, locale=language)  # type: ignore[arg-type]
        await context.add_cookies(
            [{"name": c.name, "value": c.value or "", "url": WEB_URL} for c in client.cookies.jar]
        )
        await client.aclose()
        return await context.new_page()


@asynccontextmanager
async def a_desk(survey: ServiceUnderTest, mailbox: Mailbox | None = None) -> AsyncIterator[Desk]:
    """The service's pages on a loopback port, reached by the browser under the address that the service knows."""
    server = uvicorn.Server(
        uvicorn.Config(survey.app, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=3)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
        assert not serving.done(), "the server ended before it began"
    port = server.servers[0].sockets[0].getsockname()[1]
    arguments = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP testserver:80 127.0.0.1:{port}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield Desk(survey, browser, arguments, mailbox)
        await browser.close()
    server.should_exit = True
    await serving


async def faults_of(page: Page) -> list[str]:
    """Serious and critical faults that axe-core finds on the page, each with the first place."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: Sequence[dict[str, Any]] = json.loads(
        await page.evaluate("axe.run().then((result) => JSON.stringify(result.violations))")
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in SERIOUS]


async def a_rich_permit(survey: ServiceUnderTest, callback: str, **given: Any) -> CallbackDue:
    """A telephone callback with everything that a CRM may know of a customer."""
    ref = given.pop("ref", f"customer-{callback}")
    name, level = given.pop("name", "客户甲女士"), given.pop("level", "金卡会员")
    scenario = Scenario(given.pop("scenario", "after_sale"))
    phone = given.pop("phone", f"+86138{sum(map(ord, callback)):08d}")
    context = ServiceContext(
        scenario=scenario, service_type="洗衣机维修", completed_at=NOW - 20 * HOUR, handled_at=NOW - 19 * HOUR,
        product="滚筒洗衣机 XQG100", channel="电话", region="杭州", level=level, registration_channel="官方商城",
        handler=Handler(id="E-77", name="工程师乙", team="家电维修部"),
        purchases=(Purchase(product="滚筒洗衣机 XQG100", at="2025-06-03", amount=3299),),
        complaint_level=given.pop("complaint_level", None),
    )  # fmt: skip
    narrative = ServiceNarrative(
        problem_type="脱水异响，二次上门", progress="更换减震器，免收上门费",
        history=(
            HistoryEntry(at="2026-10-19", kind="二次上门", summary="更换减震器"),
            HistoryEntry(at="2026-10-16", kind="投诉", summary="首次上门未带配件"),
            HistoryEntry(at="2026-10-14", kind="报修", summary="脱水时异响"),
        ),
        attributes={
            "批注": "首次上门未带配件，客户请假两次。请先致歉再提问，不要解释流程。",
            "联系偏好": "电话，工作日上午",
        },
    )  # fmt: skip
    vault = survey.runtime.vault
    keys = await vault.keyring(contact=[ref], text=[ref], facts=[MONTH])
    contact = ContactData(name=name, phone=phone, email=given.get("email", f"{callback}@example.com"))
    sealed = {
        "contact": keys.seal_contact(ref, "contact", contact.model_dump(mode="json")),
        "context": keys.seal_facts(MONTH, ref, "context", context.model_dump(mode="json")),
        "narrative": keys.seal_text(ref, "narrative", narrative.model_dump(mode="json")),
        "scenario": scenario.value,
    }
    email = given.pop("email", f"{callback}@example.com")
    base = {"channel": "phone", "callback": callback, "ref": ref, "phone": phone, "email": email}
    return await a_permit(survey, **(base | sealed | given))


async def a_morning(survey: ServiceUnderTest) -> None:
    """A queue as it may look at ten o'clock: complaints, an agreed time, important customers, the rest."""
    rows: list[dict[str, Any]] = [
        {"callback": "cb-01", "name": "陈女士", "priority": 1, "skill": "senior", "complaint_level": "二级"},
        {"callback": "cb-02", "name": "吴先生", "priority": 2, "attempt_limit": 4},
        {"callback": "cb-03", "name": "周女士", "priority": 3, "skill": "senior", "scenario": "care"},
        {"callback": "cb-04", "name": "李先生", "level": None},
        {"callback": "cb-05", "name": "王女士", "level": "银卡会员"},
        {"callback": "cb-06", "name": "赵先生", "level": None, "scenario": "installation"},
        {"callback": "cb-07", "name": "孙女士", "parts": [a_part(), a_part(part_id="p2", purpose="progress",
         questionnaire="progress", text=None)]},
    ]  # fmt: skip
    for number, row in enumerate(rows):
        await survey.receive(await a_rich_permit(survey, deadline=NOW + timedelta(hours=5 + number), **row))
