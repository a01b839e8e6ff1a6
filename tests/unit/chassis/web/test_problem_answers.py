from collections.abc import Callable

import pytest
from fastapi import FastAPI

from chassis.access.roles import Role
from chassis.testing.visitors import BROWSER, EmptyRuntime, visiting
from chassis.web.observation import REQUESTS

MakeApp = Callable[..., FastAPI]
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b'{"number": "planted-secret"}', 422, "number"),
        (b'{"number": 1, "code": "planted-secret"}', 422, "code"),
        (b"{}", 422, "number"),
        (b'{"number": 1', 422, "body"),
        (b"null", 422, "body"),
        (b"", 422, "body"),
        (b"\xff\xfe{", 400, None),
        (b"[" * 100_000, 400, None),
    ],
)
async def test_a_refused_body_names_the_field_and_never_the_value(
    app: FastAPI, body: bytes, status: int, field: str | None
) -> None:
    async with visiting(app, **JSON) as anyone:
        answer = await anyone.post("/shop/api/v1/orders", content=body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["status"] == status
    assert [error["field"] for error in problem.get("errors", [])] == ([field] if field else [])
    assert "planted-secret" not in answer.text


async def test_a_path_parameter_is_named_too(app: FastAPI) -> None:
    async with visiting(app, Role.CRM, **JSON) as crm:
        answer = await crm.post("/shop/api/v1/orders/planted-secret", content=b'{"number": 1}')
    assert answer.json()["errors"][0]["field"] == "number"
    assert "planted-secret" not in answer.text


async def test_a_browser_gets_a_page_and_a_machine_gets_json(app: FastAPI) -> None:
    async with visiting(app, **BROWSER) as browser, visiting(app) as machine:
        page, problem = await browser.get("/nowhere"), await machine.get("/nowhere")
        api = await browser.get("/shop/api/v1/nowhere")
    assert page.headers["content-type"].startswith("text/html")
    assert "没有找到这个页面" in page.text
    assert problem.headers["content-type"] == api.headers["content-type"] == "application/problem+json"


async def test_a_fault_tells_a_code_and_nothing_of_its_text(
    app: FastAPI, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with visiting(app) as anyone:
        answer = await anyone.get("/shop/broken")
    code = answer.json()["code"]
    told = capsys.readouterr()
    logged = told.out + told.err + caplog.text
    assert (answer.status_code, len(code)) == (500, 8)
    assert "planted-secret" not in answer.text + logged
    assert "RuntimeError" in logged


async def test_readiness_gives_the_reasons(make_app: MakeApp) -> None:
    stuck = make_app(runtime=EmptyRuntime("shop", reasons=["outbox has not moved for 61 s"]))
    async with visiting(stuck) as probe:
        answer = await probe.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == {"shop": ["outbox has not moved for 61 s"]}


async def test_requests_are_counted_by_template_never_by_path(app: FastAPI) -> None:
    async with visiting(app, Role.CRM, **JSON) as crm:
        await crm.post("/shop/api/v1/orders/77001", content=b'{"number": 1}')
        text = (await crm.get("/metrics")).text
    labels = ("POST", "/shop/api/v1/orders/{number}", "2xx")
    assert REQUESTS.labels(*labels)._value.get() >= 1
    assert "orders/77001" not in text  # digits alone may be part of a measured time


async def test_a_made_up_method_makes_no_label_of_its_own(app: FastAPI) -> None:
    async with visiting(app, Role.CRM, **JSON) as crm:
        await crm.request("PLANTED77", "/shop/api/v1/orders/1")
        text = (await crm.get("/metrics")).text
    assert 'method="other"' in text
    assert "PLANTED77" not in text
