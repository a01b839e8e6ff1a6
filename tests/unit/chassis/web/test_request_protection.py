from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from chassis.testing.visitors import visiting
from chassis.web.gate import SESSION_COOKIE
from chassis.web.protection import BODY_LIMIT

SESSION = {"cookie": f"{SESSION_COOKIE}=abc"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 303),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        (SESSION, 403),
        ({**SESSION, "origin": "null"}, 403),
        ({**SESSION, "origin": "http://testserver"}, 303),
        ({**SESSION, "sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"sec-fetch-site": "cross-site", "authorization": "Bearer abc"}, 303),
    ],
)
async def test_only_own_pages_may_change_something(app: FastAPI, headers: dict[str, str], status: int) -> None:
    async with visiting(app, **headers) as browser:
        answer = await browser.post("/shop/form", data={"note": "x"})
    assert answer.status_code == status


async def test_reading_is_free_of_the_origin_check(app: FastAPI) -> None:
    async with visiting(app, **{"sec-fetch-site": "cross-site"}) as browser:
        assert (await browser.get("/healthz")).status_code == 200


async def test_an_announced_body_over_the_limit_is_refused(app: FastAPI) -> None:
    async with visiting(app) as anyone:
        answer = await anyone.post("/shop/api/v1/orders", content=b" " * (2 * BODY_LIMIT))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_of_unknown_length_is_counted(app: FastAPI) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * (BODY_LIMIT // 10)

    async with visiting(app) as anyone:
        assert (await anyone.post("/shop/api/v1/orders", content=endless())).status_code == 413
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert (await anyone.post("/shop/form", content=endless(), headers=form)).status_code == 413
    assert sent < 40


async def test_a_body_at_the_limit_passes(app: FastAPI) -> None:
    body = b'{"number": 1}'.ljust(BODY_LIMIT)
    async with visiting(app) as anyone:
        answer = await anyone.post("/shop/api/v1/orders", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/login", "/healthz", "/nowhere", "/static/tokens.css", "/shop/broken"])
async def test_every_answer_carries_the_security_headers(app: FastAPI, path: str) -> None:
    async with visiting(app) as anyone:
        headers = (await anyone.get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_pages_are_not_kept_by_the_browser(app: FastAPI) -> None:
    async with visiting(app) as anyone:
        assert (await anyone.get("/login")).headers["cache-control"] == "no-store"
