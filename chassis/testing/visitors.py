"""The web without a database: visitors who say their role in a header, and runtimes that hold nothing."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI, Request

from chassis.access.person import Person
from chassis.access.roles import Role

ROLE_HEADER = "x-visitor-role"
BROWSER = {"accept": "text/html"}
MACHINE = {"accept": "application/json"}
_NOBODY = UUID(int=7)


async def visitor(request: Request) -> Person | None:
    """Stands in for session and token: the person has the role of the header, or there is nobody."""
    role = request.headers.get(ROLE_HEADER)
    return (
        None if role is None else Person(id=_NOBODY, login="visitor", name="访客", role=Role(role), department="甲部")
    )


class EmptyRuntime:
    """Every query finds nothing; reasons and figures are what the test says."""

    def __init__(
        self, name: str, *, reasons: list[str] | None = None, figures: Mapping[str, Any] | None = None
    ) -> None:
        self.name = name
        self.pool: Any = _EmptyPool()
        self.reasons = reasons or []
        self.figures = figures or {}

    def reading(self) -> Any:
        return self.pool.acquire()

    async def now(self) -> datetime:
        return datetime(2026, 11, 18, 2, 12, tzinfo=UTC)

    async def ready(self) -> list[str]:
        return self.reasons

    async def status(self) -> Mapping[str, Any]:
        return {"reasons": self.reasons, **self.figures}


class _EmptyPool:
    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["_EmptyPool"]:
        yield self

    async def fetch(self, *_query: object) -> list[Any]:
        return []

    async def execute(self, *_query: object) -> None:
        return None


def visiting(app: FastAPI, role: Role | None = None, **headers: str) -> httpx.AsyncClient:
    """A client that follows no redirect; faults of the app come back as answers."""
    given = {**headers, **({ROLE_HEADER: role.value} if role else {})}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=given)
