"""Every route of an app with the access it states."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Mount, Route

from chassis.web.router import Access, GuardedRoute

Templates = Mapping[Callable[..., Any] | None, str]


class Unguarded(Exception):
    """A route was added past GuardedRouter: nobody said who may use it."""


def routes(app: FastAPI) -> list[tuple[str, str, Access]]:
    """(method, path, access) of every route under the app, mounted apps included. Raises Unguarded."""
    found = []
    for path, context in _walk(app, ""):
        access = _access(path, context)
        found += [(method, path, access) for method in sorted(context.methods or ())]
    return found


def templates_of(app: FastAPI) -> Templates:
    """The path template by endpoint: the label under which requests are counted."""
    return {context.endpoint: path for path, context in _walk(app, "")}


def api_routes(app: FastAPI) -> list[RouteContext]:
    """Only what machines use is documented; pages are not an interface."""
    return [context for context in iter_route_contexts(app.routes) if (context.path or "").startswith("/api/")]


def _walk(app: FastAPI, prefix: str) -> Iterator[tuple[str, RouteContext]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount):
            if isinstance(route.app, FastAPI):
                yield from _walk(route.app, prefix + route.path)
        elif isinstance(route, Route | APIRoute):
            yield prefix + (context.path or ""), context


def _access(path: str, context: RouteContext) -> Access:
    route = context.original_route
    if not isinstance(route, GuardedRoute):
        raise Unguarded(f"{path}: add it through GuardedRouter with access=")
    return route.access
