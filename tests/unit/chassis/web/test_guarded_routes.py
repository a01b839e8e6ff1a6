from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI

from chassis.access.roles import Role
from chassis.testing.visitors import BROWSER, MACHINE, visiting
from chassis.web.router import GuardedRouter, public, roles
from chassis.web.walk import Unguarded, routes

MakeApp = Callable[..., FastAPI]


async def nothing() -> None:
    return None


def test_a_route_without_access_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="access"):
        GuardedRouter().get("/open")  # type: ignore[call-arg]


def test_a_route_added_past_the_guard_fails_the_build(make_app: MakeApp) -> None:
    def careless() -> APIRouter:
        router = APIRouter()
        router.add_api_route("/open", nothing)
        return router

    with pytest.raises(Unguarded, match="/shop/open"):
        make_app(careless)


def test_a_route_added_past_the_guard_inside_a_guarded_router_fails_the_build(make_app: MakeApp) -> None:
    def careless() -> GuardedRouter:
        router = GuardedRouter()
        router.add_api_route("/open", nothing)
        return router

    with pytest.raises(Unguarded):
        make_app(careless)


@pytest.mark.parametrize("state", [lambda: roles(), lambda: public(" ")])
def test_access_says_who_or_why(state: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="needs"):
        state()


def test_the_walk_names_every_door_with_its_access(app: FastAPI) -> None:
    found = {(method, path): access for method, path, access in routes(app)}
    assert found["POST", "/shop/api/v1/orders/{number}"].roles == {Role.CRM}
    assert found["GET", "/metrics"].is_public
    assert ("GET", "/shop/openapi.json") in found


async def test_a_stranger_is_sent_to_sign_in_and_comes_back(app: FastAPI) -> None:
    async with visiting(app, **BROWSER) as browser:
        answer = await browser.get("/shop/desk?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fshop%2Fdesk%3Fpage%3D2")


async def test_a_machine_without_a_token_gets_401(app: FastAPI) -> None:
    async with visiting(app, **MACHINE) as machine:
        answer = await machine.get("/shop/desk")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_the_guard_speaks_before_the_body_is_looked_at(app: FastAPI) -> None:
    async with visiting(app) as stranger, visiting(app, Role.AGENT) as agent:
        assert (await stranger.post("/shop/api/v1/orders/x", content=b"{")).status_code == 401
        assert (await agent.post("/shop/api/v1/orders/x", content=b"{")).status_code == 403


async def test_a_refusal_says_which_roles_may_enter(app: FastAPI) -> None:
    async with visiting(app, Role.AGENT, **BROWSER) as agent:
        answer = await agent.get("/shop/desk")
    assert answer.status_code == 403
    assert "这里对这些角色开放：主管。" in answer.text


async def test_only_interfaces_are_documented(app: FastAPI) -> None:
    async with visiting(app) as anyone:
        document = (await anyone.get("/shop/openapi.json")).json()
    assert document["openapi"].startswith("3.")
    assert sorted(document["paths"]) == ["/api/v1/orders", "/api/v1/orders/{number}"]
    assert document["servers"] == [{"url": "/shop"}]


async def test_every_operation_is_said_to_refuse_in_the_one_form_that_is_sent(app: FastAPI) -> None:
    async with visiting(app) as anyone:
        document = (await anyone.get("/shop/openapi.json")).json()
        refused = (await anyone.get("/shop/api/v1/orders/x", headers=MACHINE)).json()
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        assert "422" not in operation["responses"]
        assert {"4XX", "503"} <= set(operation["responses"])
        assert list(operation["responses"]["4XX"]["content"]) == ["application/problem+json"]
    form = document["components"]["schemas"]["Problem"]
    assert set(form["required"]) <= set(refused) <= set(form["properties"])
