"""Every door of every service, tried by nobody and by every role. The guard speaks first, so no database is needed."""

from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.convertors import CONVERTOR_TYPES
from starlette.routing import compile_path

from chassis.access.roles import Role
from chassis.runtime import Service
from chassis.settings import Secrets, load_settings
from chassis.testing.visitors import BROWSER, MACHINE, EmptyRuntime, visiting, visitor
from chassis.web.app import create_app
from chassis.web.router import Access
from chassis.web.walk import routes

SERVICES = Path(__file__).parents[3] / "services"


def every_service() -> list[Service]:
    names = sorted(file.parent.name for file in SERVICES.glob("*/app.py"))
    return [import_module(f"services.{name}.app").SERVICE for name in names]


def the_app() -> FastAPI:
    settings = load_settings(
        kafka="127.0.0.1:1", database_url="postgresql://x@127.0.0.1:1/x", secrets=Secrets.fresh([])
    )
    services = every_service()
    return create_app(services, {s.name: EmptyRuntime(s.name) for s in services}, settings, identify=visitor)


APP = the_app()
GUARDED = [(method, path, access) for method, path, access in routes(APP) if not access.is_public]


def an_address(path: str) -> str:
    """Any address that the template matches."""
    _regex, template, convertors = compile_path(path)
    samples = {"int": "1", "float": "1.0", "path": "a", "str": "a", "uuid": str(UUID(int=1))}
    kinds = {type(convertor): name for name, convertor in CONVERTOR_TYPES.items()}
    return template.format(**{name: samples[kinds[type(convertor)]] for name, convertor in convertors.items()})


def ids(case: object) -> str:
    return "-".join(sorted(case.roles)) if isinstance(case, Access) else str(case)


@pytest.mark.parametrize(("method", "path", "access"), GUARDED, ids=ids)
async def test_nobody_is_asked_to_sign_in(method: str, path: str, access: Access) -> None:
    async with visiting(APP) as stranger:
        assert (await stranger.request(method, an_address(path), headers=MACHINE)).status_code == 401
        asked = await stranger.request(method, an_address(path), headers=BROWSER)
    if "/api/" in path:
        assert asked.status_code == 401
    else:
        assert (asked.status_code, asked.headers["location"].partition("?")[0]) == (303, "/login")


@pytest.mark.parametrize(("method", "path", "access"), GUARDED, ids=ids)
async def test_a_role_that_is_not_named_is_refused(method: str, path: str, access: Access) -> None:
    for role in set(Role) - access.roles:
        async with visiting(APP, role) as person:
            assert (await person.request(method, an_address(path), headers=MACHINE)).status_code == 403, role


OPEN = frozenset({"/login", "/logout", "/healthz", "/readyz", "/metrics", "/docs", "/asyncapi"})
BEHIND_A_CODE = ("/q/{code}", "/survey/api/v1/links/{code}")
SIGNED = ("/survey/calls/",)  # what a hosted telephone provider asks, with its signature


def test_open_doors_are_only_these() -> None:
    """A new open door is a decision: it is written down here."""
    doors = {path for _method, path, access in routes(APP) if access.is_public}
    described = {path for path in doors if path.endswith(("/docs", "/openapi.json"))}
    assert [path for path in sorted(doors - described - OPEN) if not path.startswith(BEHIND_A_CODE + SIGNED)] == []
