"""Routes that state who may use them. A route that does not state it cannot be built."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from chassis.access.roles import Role
from chassis.web.gate import admit

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """Either the roles that may enter, or the reason why everybody may."""

    roles: frozenset[Role] = frozenset()
    reason: str | None = None

    @property
    def is_public(self) -> bool:
        return self.reason is not None


def roles(*allowed: Role) -> Access:
    if not allowed:
        raise ValueError("roles() needs at least one role; use public(reason) for an open door")
    return Access(roles=frozenset(allowed))


def public(reason: str) -> Access:
    if not reason.strip():
        raise ValueError("public() needs the reason why this door is open")
    return Access(reason=reason)


class GuardedRoute(APIRoute):
    """Admits before body, path and query are parsed, so that a stranger learns nothing from validation."""

    access: Access

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        access = self.access

        async def guarded(request: Request) -> Response:
            if not access.is_public:
                turned_away = await admit(request, access.roles)
                if turned_away is not None:
                    return turned_away
            return await handle(request)

        return guarded


@cache
def _route_class(access: Access) -> type[GuardedRoute]:
    return type("GuardedRoute", (GuardedRoute,), {"access": access})


class GuardedRouter(APIRouter):
    """An APIRouter whose every route needs `access=roles(...)` or `access=public(reason)`."""

    def _add(self, method: str, path: str, access: Access, options: dict[str, Any]) -> Callable[[Endpoint], Endpoint]:
        def decorate(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods=[method], route_class_override=_route_class(access), **options)
            return endpoint

        return decorate

    def get(self, path: str, *, access: Access, **options: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        return self._add("GET", path, access, options)

    def post(self, path: str, *, access: Access, **options: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        return self._add("POST", path, access, options)

    def put(self, path: str, *, access: Access, **options: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        return self._add("PUT", path, access, options)

    def patch(self, path: str, *, access: Access, **options: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        return self._add("PATCH", path, access, options)

    def delete(self, path: str, *, access: Access, **options: Any) -> Callable[[Endpoint], Endpoint]:  # type: ignore[override]
        return self._add("DELETE", path, access, options)
