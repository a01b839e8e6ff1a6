"""What one web process knows of itself; kept on the state of the root app and of every mounted app."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import Request

from chassis.access.person import Person
from chassis.runtime import Runtime, Service
from chassis.settings import Settings
from chassis.web.i18n import Catalog
from chassis.web.navigation import NavItem

Identify = Callable[[Request], Awaitable[Person | None]]


@dataclass(frozen=True)
class Site:
    services: tuple[Service, ...]
    runtimes: Mapping[str, Runtime]
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
