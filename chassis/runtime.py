"""What a service is (its declaration) and what it holds while it runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from chassis import metrics
from chassis.cancellation import cancelled_only_when_asked
from chassis.clock import business_now
from chassis.database import open_pool
from chassis.metrics import Figures
from chassis.migrations import Schema, service_schema
from chassis.settings import Settings
from chassis.transaction import Transaction, transaction
from chassis.vault import KeyClass, Vault, vault_rights
from contracts.envelope import Event

if TYPE_CHECKING:
    from chassis.access.person import Person
    from chassis.web.navigation import NavItem, OpenWork
    from chassis.web.router import GuardedRouter


@dataclass(frozen=True)
class Received:
    """One event as a handler sees it. `customer_ref` is set on intake by the subscription's `resolve`."""

    event: Any
    event_id: UUID
    time: datetime
    customer_ref: str | None = None


Handle = Callable[[Transaction, Sequence[Received]], Awaitable[None]]


@dataclass(frozen=True)
class Subscription:
    """One topic and what is done with a batch of its events.

    `handle` runs inside the batch's transaction, customers locked; it may run again for the same events only when the
    transaction did not commit. `resolve` gives each intake document its customer (before the transaction);
    `contacts` names the blind indexes whose budget or suppression the handler reads, locked too.
    """

    model: type[Event]
    handle: Handle
    resolve: Callable[["Runtime", Sequence[Any]], Awaitable[list[str]]] | None = None
    contacts: Callable[["Runtime", Any], Iterable[str]] | None = None


@dataclass(frozen=True)
class Loop:
    """Work that time brings. `step` does one bounded pass and returns how many things it did; while that is not 0 it is
    called again at once, else after `every` (machine clock). `next_due` tells the next business instant with work."""

    name: str
    step: Callable[["Runtime"], Awaitable[int]]
    every: timedelta
    next_due: Callable[[asyncpg.Connection], Awaitable[datetime | None]] | None = None


@dataclass(frozen=True)
class Task:
    """Work that lasts as long as the service does, such as an open connection to an outside machine. When it ends it
    begins again, and readiness names it meanwhile. Not begun where `wanted` says no; asked once, at the start."""

    name: str
    run: Callable[["Runtime"], Awaitable[None]]
    wanted: Callable[[], bool]


@dataclass(frozen=True)
class Service:
    """One of the programs, declared in its app.py.

    `web` maps a mount path to the routers of its pages and APIs; `executes` names the functions of other schemas that
    its database role may call, such as `vault.text_keys`; `open_work` counts what waits for a person (landing page);
    `figures` gives its own gauges at a business instant, asked every few seconds: one statement over indexes;
    `tables` are folders of revisions of shared machinery that it uses beside delivery, such as the webhooks;
    `check` reads the files that it was told to work by and raises `SettingsError` before anything starts.
    """

    name: str
    migrations: Path
    templates: Path
    locale: Path
    executes: tuple[str, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    loops: tuple[Loop, ...] = ()
    tasks: tuple[Task, ...] = ()
    web: Mapping[str, Callable[[], "GuardedRouter"]] = field(default_factory=dict)
    nav: tuple["NavItem", ...] = ()
    open_work: Callable[["Runtime", "Person"], Awaitable[Sequence["OpenWork"]]] | None = None
    figures: Callable[[asyncpg.Connection, datetime], Awaitable[Figures]] | None = None
    tables: tuple[Path, ...] = ()
    check: Callable[[], None] | None = None

    @property
    def schema(self) -> Schema:
        # dead letters are the chassis's own: every service may seal them
        executes = (*self.executes, *vault_rights(KeyClass.LETTER))
        return service_schema(self.name, self.migrations, executes, tables=self.tables)

    def subscription(self, topic: str) -> Subscription | None:
        return self._by_topic.get(topic)

    @cached_property
    def _by_topic(self) -> Mapping[str, Subscription]:
        return {subscription.model.topic: subscription for subscription in self.subscriptions}


class Runtime:
    """One running service: its pool, vault and settings, and the door to its transactions."""

    def __init__(self, service: Service, settings: Settings, pool: asyncpg.Pool, vault_pool: asyncpg.Pool) -> None:
        self.service = service
        self.name = service.name
        self.settings = settings
        self.pool = pool
        self._vault_pool = vault_pool
        # Keys are fetched while a transaction is open: from connections of their own, or a full pool waits for itself.
        self.vault = Vault(vault_pool, settings, service.name)
        self.committed = asyncio.Event()
        """Set after each commit that wrote to the outbox; the relay waits for it."""
        self.commits = 0
        self.tellings = 0
        """Of the commits those that wrote to the outbox."""
        self.checks: list[Callable[[], Awaitable[list[str]]]] = []
        """Each names reasons why this service makes no progress; the chassis adds its own."""
        self.facts: list[Callable[[], Awaitable[Mapping[str, Any]]]] = []

    @asynccontextmanager
    async def transaction(
        self, *, customers: Iterable[str] = (), contacts: Iterable[str] = (), skip_locked: bool = False
    ) -> AsyncIterator[Transaction]:
        """Lock first, then the caller's work, then the outbox; see `chassis.transaction`."""
        opened = transaction(
            self.pool,
            service=self.name,
            vault=self.vault,
            settings=self.settings,
            customers=customers,
            contacts=contacts,
            skip_locked=skip_locked,
        )
        with cancelled_only_when_asked():
            async with opened as tx:
                yield tx
        self.commits += 1
        if tx.tells:
            self.tellings += 1
            self.committed.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for queries outside a transaction."""
        with cancelled_only_when_asked():
            async with self.pool.acquire() as connection:
                yield connection

    def pool_figures(self) -> Figures:
        """How far the pools are in use. `keys`: those that the vault fetches its keys with."""
        pools = {"work": self.pool, "keys": self._vault_pool}
        return {
            metrics.POOL_USED: {(self.name, of): pool.get_size() - pool.get_idle_size() for of, pool in pools.items()},
            metrics.POOL_LIMIT: {(self.name, of): pool.get_max_size() for of, pool in pools.items()},
        }

    async def now(self) -> datetime:
        async with self.reading() as connection:
            return await business_now(connection)

    async def ready(self) -> list[str]:
        """Reasons why this service makes no progress; empty when it does."""
        return [reason for check in self.checks for reason in await check()]

    async def close(self) -> None:
        await self.pool.close()
        await self._vault_pool.close()

    async def status(self) -> dict[str, Any]:
        """Figures for the operator's page."""
        found: dict[str, Any] = {"service": self.name, "reasons": await self.ready()}
        for fact in self.facts:
            found.update(await fact())
        return found


async def open_runtime(service: Service, settings: Settings) -> Runtime:
    """Connects; raises what the driver raises when the database cannot be reached or the role is refused."""
    pool = await open_pool(settings, schema=service.name)
    try:
        vault_pool = await open_pool(settings, schema=service.name, max_size=3)
    except BaseException:
        await pool.close()
        raise
    return Runtime(service, settings, pool, vault_pool)
