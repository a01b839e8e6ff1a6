"""Behind a link nobody can knock as often as they like, and any browser on a telephone is good enough."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from services.survey.app import SERVICE
from tests.integration.survey.builders import NOW
from tests.integration.survey.mailbox import a_mailbox
from tests.integration.survey.test_online import Customer, arriving

WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 "
    "Mobile Safari/537.36 MicroMessenger/8.0.49 Language/zh_CN"
)
PREVIEW = "Mozilla/5.0 (compatible; link-preview/1.0)"


@pytest.fixture
async def customer(infra: Infra) -> AsyncIterator[Customer]:
    with pytest.MonkeyPatch.context() as patch:
        async with a_mailbox() as box:
            patch.setenv("AFTERCALL_SMTP_PORT", str(box.port))
            async with running(SERVICE, infra, now=NOW) as service:
                yield await arriving(service, box)


async def rows(survey: ServiceUnderTest) -> int:
    return len(await survey.query("SELECT 1 FROM interview"))


async def test_a_telephones_browser_without_scripts_answers_a_link_and_a_preview_opens_nothing(
    customer: Customer,
) -> None:
    customer.browser.headers["user-agent"] = PREVIEW
    preview = await customer.get()
    head = await customer.browser.head(f"/q/{customer.code}")
    assert preview.status_code == 200
    assert head.status_code in (200, 405)
    customer.browser.headers["user-agent"] = WECHAT
    page = await customer.prove()
    assert "<form" in page.text
    assert "width=device-width" in page.text
    assert "<script" not in page.text.replace("<script src=", "<script-src=") or "onclick" not in page.text


async def test_a_code_that_is_asked_too_often_is_put_off_kindly(customer: Customer) -> None:
    for _ in range(120):
        await customer.browser.get(f"/q/{customer.code}")
    answer = await customer.browser.get(f"/q/{customer.code}", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert "请稍后再试" in answer.text


async def test_an_address_that_guesses_codes_is_put_off(customer: Customer) -> None:
    for number in range(60):
        assert (await customer.browser.get(f"/q/{number:016d}")).status_code == 404
    assert (await customer.browser.get("/q/0000000000000099")).status_code == 429
