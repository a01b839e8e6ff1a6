"""A whole installation under test: both servers, five service processes, and a proxy on every way between them."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from chassis import clock
from chassis.access.roles import Role
from chassis.access.token import issue_token
from chassis.database import role_of
from chassis.embedded import ports
from chassis.embedded.kafka import Door, KafkaServer, start_kafka
from chassis.embedded.postgres import OWNER, PostgresServer, start_postgres
from chassis.embedded.secrets import database_password, ensure_secrets
from chassis.kafka_topics import create_topics
from chassis.migrations import migrate
from chassis.migrations.rights import AUDITOR
from chassis.settings import Settings, load_settings
from contracts.topics import SERVICES
from launcher.catalog import load_services
from tests.faults.disk import SmallDisk
from tests.faults.members import READY_SECONDS, Doors, Member, Supervisor, new_member
from tests.faults.proxy import HOST, Proxy

HERE = Path(__file__).parent
BEGIN = datetime(2026, 10, 14, 14, 0, tzinfo=timezone(timedelta(hours=8)))
"""A Wednesday, inside contact hours. The clock stands there, on the grid of the planner: nothing has to wait."""
SESSION_MS = 6000
SOURCE = "crm-faults"


@dataclass
class Cluster:
    """`settings` go past the proxies, for the hands that look and load."""

    data: Path
    settings: Settings
    postgres: PostgresServer
    kafka: KafkaServer
    disks: dict[str, SmallDisk]
    doors: dict[str, Doors]
    kafka_doors: tuple[Door, ...]
    supervisor: Supervisor
    web: httpx.AsyncClient
    token: str
    defect: str | None = None

    @property
    def members(self) -> list[Member]:
        return [member for member in self.supervisor.members if member.is_wanted]

    def of(self, service: str) -> list[Member]:
        return self.supervisor.of(service)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[asyncpg.Connection]:
        """The owner's connection, who may read every schema; waits while the database is away."""
        connection = await _patient_connection(self.settings.database_url)
        try:
            yield connection
        finally:
            await connection.close()

    async def grow(self, service: str) -> Member:
        """One more process of the service; returns without waiting for it."""
        number = 1 + sum(member.service == service for member in self.supervisor.members)
        member = new_member(service, number, self.data, self._environment(service))
        self.supervisor.members.append(member)
        member.start()
        return member

    async def ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Until every process that is wanted says that it makes progress."""
        stuck: list[str] = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    stuck = [r for found in await asyncio.gather(*self._asked()) for r in found]
                    if not stuck:
                        return
                    await asyncio.sleep(0.1)
        except TimeoutError:
            said = [member.last_words for member in self.members if not member.is_running]
            raise AssertionError(f"not ready after {seconds:.0f} s: {stuck} {said}") from None

    def _asked(self) -> list[asyncio.Future[list[str]]]:
        return [asyncio.ensure_future(member.reasons(self.web)) for member in self.members]

    def keep_logs(self, row: str) -> Path:
        """Copies of all logs, for whoever looks for the reason; they stay."""
        kept = Path(tempfile.mkdtemp(prefix=f"aftercall-{row}-"))
        for log in self.data.rglob("*.log"):
            shutil.copy(log, kept / log.name)
        return kept

    async def restart_postgres(self) -> None:
        password = database_password(self.data / "secrets.json", OWNER)
        self.postgres = await start_postgres(self.postgres.directory, port=self.postgres.port, owner_password=password)

    async def restart_kafka(self) -> None:
        self.kafka = await start_kafka(
            self.kafka.directory, port=self.kafka.port, short_lived=True, doors=self.kafka_doors
        )

    def _environment(self, service: str) -> dict[str, str]:
        doors = self.doors[service]
        address = urlsplit(self.settings.database_url)
        through = address._replace(netloc=f"{address.netloc.rsplit(':', 1)[0]}:{doors.database.port}")
        told = {
            "AFTERCALL_KAFKA": f"{HOST}:{doors.kafka.port}",
            "AFTERCALL_KAFKA_SESSION_MS": str(SESSION_MS),
            "AFTERCALL_DATABASE_URL": urlunsplit(through),
            "AFTERCALL_SECRETS_FILE": str(self.data / "secrets.json"),
            "AFTERCALL_SCHEDULER_POLICIES": str(HERE / "policies"),
            "AFTERCALL_SCHEDULER_CAPACITY": str(HERE / "capacity.toml"),
            # an installed program finds its bytecode; a source tree may not be written to
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.data / "bytecode"),
        }
        return told | ({"AFTERCALL_FAULTS_DEFECT": self.defect} if self.defect else {})


@asynccontextmanager
async def running_cluster(*, defect: str | None = None) -> AsyncIterator[Cluster]:
    """Everything ready; ended with all its processes and files. `defect` names one that is planted in the services."""
    async with AsyncExitStack() as exits:
        data = Path(tempfile.mkdtemp(prefix="aftercall-faults-"))
        if not os.environ.get("AFTERCALL_FAULTS_KEEP"):
            exits.callback(shutil.rmtree, data, ignore_errors=True)
        data.chmod(0o711)
        disks = {"postgres": SmallDisk(data / "p", 1536), "kafka": SmallDisk(data / "k", 2048)}
        for disk in disks.values():
            disk.mount()
            exits.callback(disk.unmount)
        secrets = ensure_secrets(data, (OWNER, AUDITOR, *(role_of(name) for name in SERVICES)))
        password = database_password(secrets, OWNER)
        postgres = await start_postgres(disks["postgres"].path / "postgres", port=None, owner_password=password)
        doors, kafka_doors = await _doors(postgres.port)
        for proxy in (proxy for pair in doors.values() for proxy in pair.both):
            exits.push_async_callback(proxy.stop)
        kafka = await start_kafka(disks["kafka"].path / "kafka", port=None, short_lived=True, doors=kafka_doors)
        settings = load_settings(kafka=kafka.bootstrap, database_url=postgres.dsn, secrets_file=secrets)
        token = await _prepare(settings)
        web = await exits.enter_async_context(httpx.AsyncClient(timeout=15, trust_env=False))
        supervisor = Supervisor()
        cluster = Cluster(data, settings, postgres, kafka, disks, doors, kafka_doors, supervisor, web, token, defect)
        exits.push_async_callback(_end_servers, cluster)
        exits.push_async_callback(supervisor.stop)
        for service in SERVICES:
            await cluster.grow(service)
        supervisor.start()
        await cluster.ready()
        yield cluster


async def _doors(database_port: int) -> tuple[dict[str, Doors], tuple[Door, ...]]:
    """The broker tells each service its own proxy as its address, so that one service can be cut alone."""
    doors: dict[str, Doors] = {}
    listeners: list[Door] = []
    for service in SERVICES:
        behind = ports.any_free()
        doors[service] = Doors(Proxy(behind), Proxy(database_port))
        for proxy in doors[service].both:
            await proxy.start()
        listeners.append(Door(service.upper(), behind, doors[service].kafka.port))
    return doors, tuple(listeners)


async def _prepare(settings: Settings) -> str:
    await migrate(settings, [service.schema for service in load_services()])
    await create_topics(settings)
    owner = await asyncpg.connect(settings.database_url)
    try:
        await clock.set_mode(owner, "stepped", BEGIN)
        return await issue_token(owner, Role.CRM, SOURCE, None, label="faults")
    finally:
        await owner.close()


async def _end_servers(cluster: Cluster) -> None:
    await cluster.kafka.kill()
    await cluster.postgres.kill()


async def _patient_connection(dsn: str) -> asyncpg.Connection:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                return await asyncpg.connect(dsn, timeout=5)
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, TimeoutError):
                await asyncio.sleep(0.1)


async def stop_at_once(server: PostgresServer) -> None:
    """PostgreSQL's immediate stop: like a power cut, but asked for."""
    await server._process.stop(signal.SIGQUIT)
    server._directory.release()
