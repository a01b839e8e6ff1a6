import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from chassis.access.roles import MACHINES, Role
from chassis.testing.visitors import BROWSER, EmptyRuntime, visiting
from chassis.web.templates import STATIC

MakeApp = Callable[..., FastAPI]
PAGES = ["/", "/login", "/staff/accounts", "/staff/audit", "/ops", "/docs", "/shop/docs"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_one_heading_its_language_and_nothing_inline(app: FastAPI, path: str, language: str) -> None:
    async with visiting(app, Role.ADMIN, **BROWSER) as admin:
        answer = await admin.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert answer.text.count("<h1>") == 1
    assert f'<html lang="{language}"' in answer.text
    assert '<main id="main"' in answer.text
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|(?:src|href)=\"(?:https?:)?//", answer.text)


@pytest.mark.parametrize("path", PAGES)
async def test_the_english_page_has_no_chinese_left(app: FastAPI, path: str) -> None:
    async with visiting(app, Role.SUPERVISOR if path == "/" else Role.ADMIN, **BROWSER) as person:
        text = (await person.get(path, params={"lang": "en"})).text
    spoken = re.sub(r'<a [^>]*lang="zh-CN">.*?</a>|访客|甲部|案件|看板|class="avatar"[^<]*>[^<]*', "", text)
    assert re.findall(r"[\u4e00-\u9fff]+", spoken) == []


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ({}, "zh-CN"),
        ({"accept-language": "en-GB,en;q=0.9"}, "en"),
        ({"accept-language": "fr,zh;q=0.5,en;q=0.4"}, "zh-CN"),
        ({"accept-language": "en", "cookie": "lang=zh-CN"}, "zh-CN"),
        ({"accept-language": "fr"}, "zh-CN"),
    ],
)
async def test_the_language_follows_cookie_then_browser(app: FastAPI, sent: dict[str, str], language: str) -> None:
    async with visiting(app, **BROWSER, **sent) as browser:
        answer = await browser.get("/login")
    assert f'<html lang="{language}"' in answer.text


async def test_a_chosen_language_and_theme_are_remembered(app: FastAPI) -> None:
    async with visiting(app, **BROWSER) as browser:
        await browser.get("/login?lang=en&theme=dark")
        later = await browser.get("/login")
    assert '<html lang="en" data-theme="dark"' in later.text


async def test_the_account_language_wins_over_the_browser(app: FastAPI) -> None:
    async with visiting(app, Role.ADMIN, **BROWSER, **{"accept-language": "en"}) as admin:
        assert '<html lang="zh-CN"' in (await admin.get("/")).text


async def test_what_a_role_may_not_open_is_absent(app: FastAPI) -> None:
    async with visiting(app, Role.AGENT, **BROWSER) as agent, visiting(app, Role.ADMIN, **BROWSER) as admin:
        assert "/staff/accounts" not in (await agent.get("/")).text
        assert "/staff/accounts" in (await admin.get("/")).text


@pytest.mark.parametrize("role", sorted(set(Role) - MACHINES))
async def test_every_member_of_staff_has_a_landing_page(app: FastAPI, role: Role) -> None:
    async with visiting(app, role, **BROWSER) as person:
        answer = await person.get("/")
    assert answer.status_code == 200
    assert "/shop/desk" in answer.text


async def test_the_operator_sees_what_is_stuck(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async def one_letter(*_: object, **__: object) -> list[SimpleNamespace]:
        at = datetime(2026, 11, 18, tzinfo=UTC)
        told = {"letter_id": 7, "topic": "orders", "partition": 0, "offset": 41, "at": at, "field": "number"}
        return [SimpleNamespace(**told, reason="missing")]

    monkeypatch.setattr("chassis.web.operations.letters", one_letter)
    figures = {"lag": 1234, "dead_letters": 1, "outbox_age": 61.25}
    stuck = make_app(runtime=EmptyRuntime("shop", reasons=["the relay stands still"], figures=figures))
    async with visiting(stuck, Role.ADMIN, **BROWSER) as admin:
        text = (await admin.get("/ops")).text
    for word in ("the relay stands still", "没有进展", "1,234", "61.3", "missing", "/ops/shop/dead-letters/7/replay"):
        assert word in text


async def test_a_letter_of_no_service_here_is_not_found(app: FastAPI) -> None:
    async with visiting(app, Role.ADMIN) as admin:
        assert (await admin.post("/ops/elsewhere/dead-letters/7/replay")).status_code == 404


def test_vendored_files_are_what_was_fetched() -> None:
    vendor = STATIC / "vendor"
    lines = (vendor / "CHECKSUMS").read_text().splitlines()
    recorded = {name: digest for digest, name in (line.split() for line in lines)}
    present = {
        str(file.relative_to(vendor)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*")
        if file.is_file() and file.name != "CHECKSUMS"
    }
    assert recorded == present


async def test_assets_are_served_under_an_address_that_changes_with_them(app: FastAPI) -> None:
    async with visiting(app, **BROWSER) as browser:
        page = await browser.get("/login")
        for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
            asset = await browser.get(address)
            assert asset.status_code == 200
            assert "immutable" in asset.headers["cache-control"]
