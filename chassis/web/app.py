"""One web process: each service under its own paths, the common doors at the root."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from chassis.runtime import Runtime, Service
from chassis.settings import Settings
from chassis.web import documents, front, operations, probes, staff_pages
from chassis.web.assets import Assets
from chassis.web.faults import answer_problems
from chassis.web.gate import identify
from chassis.web.i18n import read_catalog
from chassis.web.observation import Observed
from chassis.web.openapi import described
from chassis.web.protection import BodyLimit, Headers, SameOrigin, Spoken
from chassis.web.router import GuardedRouter
from chassis.web.site import Identify, Site
from chassis.web.templates import SHELL_LOCALE, STATIC, environment
from chassis.web.walk import api_routes, routes, templates_of

_OWN_NAV = (*staff_pages.NAV, *operations.NAV)


def create_app(
    services: Sequence[Service],
    runtimes: Mapping[str, Runtime],
    settings: Settings,
    *,
    asyncapi: str = "",
    identify: Identify = identify,
    doors: Sequence[GuardedRouter] = (),
) -> FastAPI:
    """`runtimes` by service name; `doors` are further routes of the root.

    Raises Unguarded when a route does not state its access.
    """
    site = Site(
        services=tuple(services),
        runtimes=runtimes,
        settings=settings,
        catalog=read_catalog([SHELL_LOCALE, *(service.locale for service in services)]),
        nav=(*(item for service in services for item in service.nav), *_OWN_NAV),
        identify=identify,
        asyncapi=asyncapi,
    )
    static = {service.name: folder for service in services if (folder := service.templates.parent / "static").is_dir()}
    root = _bare(site, None, static)
    # first what is asked for most: every request tries one place after another
    for service in services:
        for path, make_router in service.web.items():
            root.mount(path, _mounted(site, service, path, make_router(), static))
    for name, folder in {**static, "": STATIC}.items():
        root.mount(f"/static/{name}".rstrip("/"), Assets(directory=folder))
    for door in (front.router, staff_pages.router, operations.router, probes.router, documents.router, *doors):
        root.include_router(door)
    routes(root)
    _protect(root, site)
    return root


def _bare(site: Site, own_templates: Path | None, static: dict[str, Path]) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.site = site
    app.state.templates = environment(own_templates, static)
    answer_problems(app)
    return app


def _mounted(site: Site, service: Service, path: str, router: Any, static: dict[str, Path]) -> FastAPI:
    app = _bare(site, service.templates, static)
    app.state.runtime = site.runtimes[service.name]
    app.include_router(router)
    doors = api_routes(app)
    if doors:
        # made when somebody asks: half a second of work that few processes need
        app.state.openapi = cache(partial(described, doors, f"Aftercall {service.name}", path))
        app.include_router(documents.of_service())
    return app


def _protect(app: FastAPI, site: Site) -> None:
    """The last one added sees the request first."""
    app.add_middleware(SameOrigin, site=site)
    app.add_middleware(BodyLimit)
    app.add_middleware(Observed, templates=templates_of(app))
    app.add_middleware(Headers)
    app.add_middleware(Spoken, site=site)
