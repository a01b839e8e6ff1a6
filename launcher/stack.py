"""Everything of `up` and `demo` in one process: servers, schemas, topics, services, pages."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import asyncpg

from chassis.clock import set_mode
from chassis.database import role_of
from chassis.embedded.directory import ServerDirectory
from chassis.embedded.kafka import KafkaServer, start_kafka
from chassis.embedded.postgres import OWNER, PostgresServer, start_postgres
from chassis.embedded.secrets import database_password, ensure_secrets
from chassis.kafka_topics import create_topics
from chassis.migrations import migrate
from chassis.migrations.rights import AUDITOR
from chassis.runtime import Service
from chassis.settings import Settings, load_settings
from contracts.topics import SERVICES
from launcher import door
from launcher.accounts import ensure_first_account
from launcher.addresses import RUNNING, Addresses, announce, withdraw
from launcher.catalog import ready_services
from launcher.faults import StartError
from launcher.hosting import Hosted, hosted
from launcher.logs import log_to

Clock = Literal["real", "stepped"]
WATCH_SECONDS = 0.5


@dataclass
class Stack:
    """A running stack. `wait` returns only by raising; `stop` ends everything and may be called again."""

    addresses: Addresses
    settings: Settings
    hosted: Hosted
    postgres: PostgresServer
    kafka: KafkaServer
    _exit: AsyncExitStack = field(repr=False)

    async def wait(self) -> None:
        """Raises StartError when a server or a service has ended by itself."""
        while True:
            for server, name in ((self.postgres, "PostgreSQL"), (self.kafka, "Kafka")):
                if not server.is_running:
                    raise StartError(f"{name} ended by itself; its log is in {server.directory}.")
            await asyncio.wait([self.hosted.web], timeout=WATCH_SECONDS)
            if self.hosted.web.done():
                self.hosted.web.result()
                raise StartError("The web server ended by itself.")

    async def stop(self) -> None:
        await self._exit.aclose()


async def start_stack(
    data: Path,
    *,
    port: int,
    kafka_port: int | None = None,
    clock: Clock = "real",
    clock_start: datetime | None = None,
    ready_file: Path | None = None,
    short_lived: bool = False,
) -> Stack:
    """Returns once everything serves and the ready file says so; what fails on the way stops what was started.

    A stepped clock stands at `clock_start` on its first start and goes on from where it stood on later ones.
    """
    async with AsyncExitStack() as exits:
        listening = door.bind(port)
        exits.callback(listening.close)
        web_url = f"http://{door.HOST}:{listening.getsockname()[1]}"
        directory = ServerDirectory(data, "Aftercall")
        directory.hold(is_new=not (data / "postgres").exists())
        exits.callback(directory.release)
        log_to(directory.path)
        secrets = ensure_secrets(directory.path, (OWNER, AUDITOR, *(role_of(name) for name in SERVICES)))
        loading = asyncio.create_task(asyncio.to_thread(ready_services))  # takes as long as the servers take to start
        exits.push_async_callback(asyncio.wait, [loading])
        postgres, kafka = await _start_servers(exits, directory.path, secrets, kafka_port, short_lived)
        services = await loading
        settings = load_settings(
            kafka=kafka.bootstrap,
            kafka_security="PLAINTEXT",  # on the loopback interface only
            database_url=postgres.dsn,
            secrets_file=secrets,
            data_dir=directory.path,
            web_url=os.environ.get("AFTERCALL_WEB_URL") or web_url,  # behind a proxy the outside knows another address
        )
        await _prepare(settings, services, clock=clock, clock_start=clock_start)
        running = await exits.enter_async_context(hosted(services, settings, listening, stepped=clock == "stepped"))
        addresses = Addresses(web=web_url, kafka=kafka.bootstrap, database=postgres.dsn)
        exits.callback(withdraw, directory.path / RUNNING, ready_file)
        announce(addresses, directory.path / RUNNING, ready_file)
        return Stack(addresses, settings, running, postgres, kafka, exits.pop_all())


async def _start_servers(
    exits: AsyncExitStack, data: Path, secrets: Path, kafka_port: int | None, short_lived: bool
) -> tuple[PostgresServer, KafkaServer]:
    """Both at once; when one fails the other is stopped too."""
    owner_password = database_password(secrets, OWNER)
    started = await asyncio.gather(
        start_postgres(data / "postgres", port=None, owner_password=owner_password, short_lived=short_lived),
        start_kafka(data / "kafka", port=kafka_port, short_lived=short_lived),
        return_exceptions=True,
    )
    postgres, kafka = started
    for server in started:
        if not isinstance(server, BaseException):
            exits.push_async_callback(server.stop)
    if isinstance(postgres, BaseException):
        raise postgres
    if isinstance(kafka, BaseException):
        raise kafka
    return postgres, kafka


async def _prepare(
    settings: Settings, services: Sequence[Service], *, clock: Clock, clock_start: datetime | None
) -> None:
    await migrate(settings, [service.schema for service in services])
    await create_topics(settings)
    owner = await asyncpg.connect(settings.database_url)
    try:
        await _set_clock(owner, clock, clock_start)
        await ensure_first_account(owner, settings.data_dir)
    finally:
        await owner.close()


async def _set_clock(owner: asyncpg.Connection, clock: Clock, start: datetime | None) -> None:
    known = await owner.fetchval("SELECT mode FROM clock.mode")
    await set_mode(owner, clock, None if known == clock else start)
