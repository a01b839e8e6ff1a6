"""How the auditor reaches database and broker: it reads, and writes nothing but temporary tables of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chassis.database import connect
from chassis.kafka_login import client_arguments, principal_of
from chassis.migrations.rights import AUDITOR
from chassis.settings import Settings
from contracts.topics import SERVICES
from launcher.faults import StartError

_PATIENT = {"transaction_timeout": "0", "idle_in_transaction_session_timeout": "0", "work_mem": "64MB"}
CONNECT_SECONDS = 10
FETCH_WAIT_MS = 20


@dataclass(frozen=True)
class Auditor:
    """`snapshot`: one read-only view of the whole database, held from the first to the last check; while it is held no
    partition of an outbox or inbox is dropped. It has no transaction id, so no relay waits for it.
    `scratch`: temporary tables, filled in short transactions.
    """

    settings: Settings
    snapshot: asyncpg.Connection
    scratch: asyncpg.Connection
    consumer: AIOKafkaConsumer
    admin: AIOKafkaAdminClient


@asynccontextmanager
async def auditing(settings: Settings) -> AsyncIterator[Auditor]:
    """Raises `StartError` when the database or the broker does not answer."""
    async with AsyncExitStack() as exits:
        snapshot = await _connected(settings, exits)
        scratch = await _connected(settings, exits)
        consumer, admin = await _broker(settings, exits)
        await exits.enter_async_context(snapshot.transaction(isolation="repeatable_read", readonly=True))
        for service in SERVICES:
            for table in ("outbox", "inbox"):
                await snapshot.execute(f"SELECT 1 FROM {service}.{table} LIMIT 0")  # noqa: S608  our own names
        yield Auditor(settings, snapshot, scratch, consumer, admin)


async def _connected(settings: Settings, exits: AsyncExitStack) -> asyncpg.Connection:
    try:
        connection = await connect(settings, role=AUDITOR, schema="pg_catalog", seconds=CONNECT_SECONDS, **_PATIENT)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError) as error:
        raise StartError("The database does not answer: start it, then verify again.") from error
    exits.push_async_callback(connection.close)
    return connection


async def _broker(settings: Settings, exits: AsyncExitStack) -> tuple[AIOKafkaConsumer, AIOKafkaAdminClient]:
    login = client_arguments(settings, principal_of("auditor"))
    # a topic is read to an end that is known: to wait there for more would only hold up the next one
    consumer = AIOKafkaConsumer(
        **login, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=FETCH_WAIT_MS
    )
    admin = AIOKafkaAdminClient(**login)
    try:
        exits.push_async_callback(consumer.stop)
        await consumer.start()
        exits.push_async_callback(admin.close)
        await admin.start()
    except (KafkaError, OSError) as error:
        raise StartError("Kafka does not answer: start it, then verify again.") from error
    return consumer, admin
