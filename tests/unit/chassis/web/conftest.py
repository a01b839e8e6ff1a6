from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import pytest
from fastapi import FastAPI, Form, Request, Response
from pydantic import BaseModel, field_validator

from chassis.access.roles import STAFF, Role
from chassis.settings import Secrets, Settings, load_settings
from chassis.testing.visitors import EmptyRuntime, visitor
from chassis.web.app import create_app
from chassis.web.navigation import NavItem
from chassis.web.pages import render, see_other
from chassis.web.router import GuardedRouter, public, roles

NOWHERE = Path(__file__).parent / "none"
DESK = NavItem(area="案件", title="看板", path="/shop/desk", roles=STAFF)


class Order(BaseModel):
    number: int
    code: str = ""

    @field_validator("code")
    @classmethod
    def known(cls, code: str) -> str:
        if code == "planted-secret":
            raise ValueError(f"code {code} is not known")
        return code


def shop() -> GuardedRouter:
    """A small service of its own: a page, a form, an API, a fault."""
    router, api = GuardedRouter(), GuardedRouter()

    @router.get("/desk", access=roles(Role.SUPERVISOR))
    async def desk(request: Request) -> Response:
        return render(request, "landing.html", work=[])

    @router.post("/form", access=public("a form for everybody"))
    async def form(request: Request, note: Annotated[str, Form()] = "") -> Response:
        return see_other(request, "/shop/done")

    @router.get("/broken", access=public("to see a fault"))
    async def broken() -> Response:
        raise RuntimeError("planted-secret")

    @api.post("/orders/{number}", access=roles(Role.CRM))
    async def order(number: int, order: Order) -> Order:
        return order

    @api.post("/orders", access=public("to see the body checks"))
    async def orders(order: Order) -> Order:
        return order

    router.include_router(api, prefix="/api/v1")
    return router


MakeApp = Callable[..., FastAPI]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings(
        kafka="127.0.0.1:1",
        database_url="postgresql://owner@127.0.0.1:1/none",
        secrets=Secrets.fresh([]),
        web_url="http://testserver",
    )


@pytest.fixture(scope="session")
def make_app(settings: Settings) -> MakeApp:
    def make(router: Callable[[], GuardedRouter] = shop, runtime: EmptyRuntime | None = None) -> FastAPI:
        service = SimpleNamespace(
            name="shop", web={"/shop": router}, templates=NOWHERE, locale=NOWHERE, nav=(DESK,), open_work=None
        )
        runtimes = {"shop": runtime or EmptyRuntime("shop")}
        return create_app([service], runtimes, settings, asyncapi='{"asyncapi": "3.0.0"}', identify=visitor)

    return make


@pytest.fixture(scope="session")
def app(make_app: MakeApp) -> FastAPI:
    return make_app()
