"""The servers that a run measures on: real ones of its own, durable, in a directory that goes with it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from chassis.clock import set_mode
from chassis.database import role_of
from chassis.embedded.kafka import KafkaServer, start_kafka
from chassis.embedded.postgres import OWNER, PostgresServer, start_postgres
from chassis.embedded.secrets import database_password, ensure_secrets
from chassis.kafka_topics import create_topics
from chassis.migrations import migrate
from chassis.migrations.rights import AUDITOR
from chassis.runtime import Service
from chassis.settings import Settings, load_settings
from contracts.topics import SERVICES
from launcher.catalog import load_services
from launcher.collecting import loaded_for_good
from launcher.environment import told
from launcher.logs import log_to

NOW = datetime(2026, 10, 20, 1, 30, tzinfo=UTC)
"""Where the business clock stands: a Tuesday, 9:30 in Shanghai, when calls are lawful and welcome."""
# So many calls an hour that capacity never holds a permit back.
_CAPACITY = """headroom = 1.2
[[shifts]]
skill = "general"
from = "08:00"
to = "23:00"
working_day = 100000000
other_day = 100000000
[[shifts]]
skill = "senior"
from = "08:00"
to = "23:00"
working_day = 100000000
other_day = 100000000
"""


@dataclass(frozen=True)
class Bed:
    """What everything is measured on. `owner` sees every schema."""

    settings: Settings
    postgres: PostgresServer
    kafka: KafkaServer
    services: Sequence[Service]
    owner: asyncpg.Connection
    directory: Path

    def service(self, name: str) -> Service:
        return next(service for service in self.services if service.name == name)


@asynccontextmanager
async def measuring_bed() -> AsyncIterator[Bed]:
    async with AsyncExitStack() as exits:
        data = Path(
            exits.enter_context(tempfile.TemporaryDirectory(prefix="aftercall-bench-", ignore_cleanup_errors=True))
        )
        log_to(data)
        capacity = data / "capacity.toml"
        capacity.write_text(_CAPACITY)
        exits.enter_context(told(AFTERCALL_SCHEDULER_CAPACITY=str(capacity)))
        secrets = ensure_secrets(data, (OWNER, AUDITOR, *(role_of(name) for name in SERVICES)))
        services = await asyncio.to_thread(load_services)
        exits.enter_context(loaded_for_good())  # as in a process that serves
        password = database_password(secrets, OWNER)
        postgres = await start_postgres(data / "postgres", port=None, owner_password=password)
        exits.push_async_callback(postgres.stop)
        kafka = await start_kafka(data / "kafka", port=None)
        exits.push_async_callback(kafka.stop)
        settings = load_settings(
            kafka=kafka.bootstrap,
            kafka_security="PLAINTEXT",
            database_url=postgres.dsn,
            secrets_file=secrets,
            data_dir=data,
        )
        await migrate(settings, [service.schema for service in services])
        await create_topics(settings)
        owner = await asyncpg.connect(settings.database_url)
        exits.push_async_callback(owner.close)
        await set_mode(owner, "stepped", NOW)
        yield Bed(settings, postgres, kafka, services, owner, data)
