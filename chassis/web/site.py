"""What one web process knows of itself; kept on the state of the root app and of every mounted app."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import Request

from chassis.access.person import Person
from chassis.settings import Settings
from chassis.web.i18n import Catalog
from chassis.web.navigation import NavItem, OpenWork


class RuntimeOnWeb(Protocol):
    """The part of a service's runtime that the web needs."""

    name: str
    pool: asyncpg.Pool

    def reading(self) -> AbstractAsyncContextManager[asyncpg.Connection]: ...

    async def now(self) -> datetime: ...

    async def ready(self) -> list[str]: ...

    async def status(self) -> Mapping[str, Any]: ...


class ServiceOnWeb(Protocol):
    """The part of a service that the web needs."""

    @property
    def name(self) -> str: ...

    @property
    def web(self) -> Mapping[str, Callable[[], Any]]: ...

    @property
    def templates(self) -> Path: ...

    @property
    def locale(self) -> Path: ...

    @property
    def nav(self) -> tuple[NavItem, ...]: ...

    @property
    def open_work(self) -> Callable[[Any, Person], Awaitable[Sequence[OpenWork]]] | None: ...


Identify = Callable[[Request], Awaitable[Person | None]]


@dataclass(frozen=True)
class Site:
    services: tuple[ServiceOnWeb, ...]
    runtimes: Mapping[str, RuntimeOnWeb]
    settings: Settings
    catalog: Catalog
    nav: tuple[NavItem, ...]
    identify: Identify
    asyncapi: str

    @property
    def staff_pool(self) -> asyncpg.Pool:
        """Every service's role may call the functions of schema `staff`; the first one serves the common pages."""
        return next(iter(self.runtimes.values())).pool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.operator_zone)

    @property
    def secure(self) -> bool:
        return self.settings.web_url.startswith("https://")


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site
