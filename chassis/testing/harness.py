"""One service under test: real PostgreSQL, real vault, stepped clock, no broker. Events are handed in and read out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from chassis import clock
from chassis.access.accounts import create_account
from chassis.access.roles import Role
from chassis.access.token import issue_token
from chassis.consumer import Consumer
from chassis.migrations import migrate
from chassis.migrations.rights import Rights
from chassis.outbox import unpack
from chassis.runtime import Runtime, Service, open_runtime
from chassis.settings import Secrets, Settings, load_settings
from chassis.testing.infra import Infra
from chassis.web.app import create_app
from contracts.envelope import Event, Headers, type_of
from contracts.ids import event_id
from contracts.topics import BY_NAME

E = TypeVar("E", bound=Event)
PASSWORD = "correct horse battery staple"  # noqa: S105 - accounts of the tests only
WEB_URL = "http://testserver"


@dataclass(frozen=True)
class _Record:
    """A consumed record as the consumer sees it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class ServiceUnderTest:
    """`receive` goes through inbox and handlers like a batch from Kafka; `sent` decodes what the outbox holds."""

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        self.runtime = runtime
        self.settings = settings
        self.consumer = Consumer(runtime)
        self._offset = 0
        self._ids: dict[int, UUID] = {}

    @cached_property
    def app(self) -> FastAPI:
        """Its pages and doors; made for tests that look at them."""
        return create_app([self.runtime.service], {self.runtime.name: self.runtime}, self.settings)

    async def receive(self, *events: Event, again: bool = False) -> None:
        """One batch. With `again` the same event objects keep the ids of their first delivery."""
        now = await self.runtime.now()
        await self.consumer.handle([self._record(event, now, again=again) for event in events])

    def _record(self, event: Event, now: datetime, *, again: bool) -> _Record:
        if not again or id(event) not in self._ids:
            self._ids[id(event)] = event_id(now)
        self._offset += 1
        headers = Headers(self._ids[id(event)], "/test", type_of(type(event)), now, event.correlation())
        topic = BY_NAME[event.topic]
        payload = event.model_dump_json(exclude_none=True).encode()
        pairs = [] if topic.intake else headers.encoded()
        # An intake record is identified by its place: repeated, it keeps it.
        offset = self._ids[id(event)].int & 0xFFFFFF if topic.intake else self._offset
        return _Record(event.topic, 0, offset, int(now.timestamp() * 1000), event.key().encode(), payload, pairs)

    async def sent(self, model: type[E]) -> list[E]:
        """Events of this type told so far, in order."""
        query = "SELECT payload FROM outbox WHERE topic = $1 ORDER BY xid, position"
        async with self.runtime.reading() as connection:
            rows = await connection.fetch(query, model.topic)
        return [model.model_validate_json(row["payload"]) for row in rows]

    async def sent_headers(self, model: type[Event]) -> list[dict[str, str]]:
        query = "SELECT headers FROM outbox WHERE topic = $1 ORDER BY xid, position"
        async with self.runtime.reading() as connection:
            rows = await connection.fetch(query, model.topic)
        return [{name: value.decode() for name, value in unpack(row["headers"])} for row in rows]

    async def step_to(self, instant: datetime) -> None:
        async with self.runtime.reading() as connection:
            await clock.step_to(connection, instant)

    async def tick(self, limit: int = 100) -> int:
        """Run every loop until none finds work; returns how much was done. Fails when it never ends."""
        total = 0
        for _ in range(limit):
            done = sum([await loop.step(self.runtime) for loop in self.runtime.service.loops])
            total += done
            if not done:
                return total
        raise AssertionError(f"the loops of {self.runtime.name} still find work after {limit} rounds")

    async def run_until(self, instant: datetime) -> None:
        """Step from due time to due time like the demo's clock, running the loops at each."""
        while True:
            await self.tick()
            async with self.runtime.reading() as connection:
                now = await clock.business_now(connection)
                dues = [await loop.next_due(connection) for loop in self.runtime.service.loops if loop.next_due]
            if now >= instant:
                return
            upcoming = [due for due in dues if due is not None and due > now]
            await self.step_to(min([*upcoming, instant]))

    async def query(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self.runtime.reading() as connection:
            return list(await connection.fetch(sql, *arguments))

    async def client(
        self, role: Role | None = None, *, login: str | None = None, department: str | None = None,
        source: str | None = None, skills: Sequence[str] = (), token: bool = False,
    ) -> httpx.AsyncClient:  # fmt: skip
        """A browser signed in as a new person of that role (a machine with a bearer token when `token`), or nobody."""
        transport = httpx.ASGITransport(app=self.app)
        client = httpx.AsyncClient(transport=transport, base_url=WEB_URL)
        if role is None:
            return client
        async with self.runtime.reading() as connection:
            if token or role in (Role.CRM, Role.AUDITOR):
                secret = await issue_token(connection, role, source, department)
                client.headers["Authorization"] = f"Bearer {secret}"
                return client
            name = login or f"{role.value}-{uuid4().hex[:6]}"
            await create_account(
                connection, login=name, name=name, role=role, password=PASSWORD,
                department=department or ("repair" if role is Role.DEPARTMENT else None), skills=skills,
            )  # fmt: skip
        client.headers["Origin"] = WEB_URL
        answer = await client.post("/login", data={"login": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text  # noqa: S101 - this is a test's tool
        return client


@asynccontextmanager
async def running(service: Service, infra: Infra, *, now: datetime) -> AsyncIterator[ServiceUnderTest]:
    """A fresh database with the shared schemas and this service's, its clock stepped and standing at `now`; gone at
    the end."""
    settings = await _settings_of_a_copy(service, infra)
    owner = await asyncpg.connect(settings.database_url)
    try:
        await Rights(owner, settings.secrets).make_roles([service.name])
        await clock.set_mode(owner, "stepped", now)
    finally:
        await owner.close()
    runtime = await open_runtime(service, settings)
    try:
        yield ServiceUnderTest(runtime, settings)
    finally:
        await runtime.close()
        await infra.drop_database(settings.database_url)


_migrated: dict[tuple[str, str], str] = {}
"""Database to copy, by server and service: to migrate takes seconds, to copy a part of one."""


async def _settings_of_a_copy(service: Service, infra: Infra) -> Settings:
    def settings_for(database: str) -> Settings:
        secrets = Secrets.read(infra.secrets)
        return load_settings(kafka=infra.kafka, database_url=database, secrets=secrets, web_url=WEB_URL)

    place = (infra.owner_dsn, service.name)
    if place not in _migrated:
        original = await infra.new_database()
        await migrate(settings_for(original), [service.schema])
        _migrated[place] = original
    return settings_for(await infra.new_database(like=_migrated[place]))
