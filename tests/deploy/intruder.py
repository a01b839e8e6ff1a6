"""Tries, with what the process of one service knows, what another service may do. Prints what came of each attempt."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from chassis.database import open_pool
from chassis.kafka_login import client_arguments, principal_of
from chassis.settings import Settings, load_settings

TRY_SECONDS = 30


async def main(service: str) -> None:
    """`survey` reads service-accepted and writes attempt-closed."""
    settings = load_settings()
    attempts: dict[str, Callable[[Settings, str], Awaitable[object]]] = {
        "own schema": lambda s, me: _count(s, me, "outbox"),
        "another's schema": lambda s, me: _count(s, me, "followup.outbox"),
        "keys beside their functions": lambda s, me: _count(s, me, "vault.key"),
        "another's role": _log_in_as_another,
        "write own topic": lambda s, me: _write(s, me, "service-accepted.dlq"),
        "write another's topic": lambda s, me: _write(s, me, "service-accepted"),
        "read own topic": lambda s, me: _read(s, me, "service-accepted", f"aftercall-{me}"),
        "read another's topic": lambda s, me: _read(s, me, "attempt-closed", None),
        "join another's group": lambda s, me: _read(s, me, "service-accepted", "aftercall-followup"),
        "another's principal": lambda s, me: _write(s, "followup", "case-changed"),
    }
    print(json.dumps({name: await _outcome(attempt, settings, service) for name, attempt in attempts.items()}))  # noqa: T201


async def _outcome(attempt: Callable[[Settings, str], Awaitable[object]], settings: Settings, service: str) -> str:
    try:
        async with asyncio.timeout(TRY_SECONDS):
            await attempt(settings, service)
    except Exception as error:
        return type(error).__name__
    return "done"


async def _count(settings: Settings, service: str, table: str) -> object:
    pool = await open_pool(settings, schema=service, max_size=1)
    try:
        return await pool.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - words of this file
    finally:
        await pool.close()


async def _log_in_as_another(settings: Settings, service: str) -> None:
    password = settings.secrets.password_of(f"aftercall_{service}")
    connection = await asyncpg.connect(settings.database_url, user="aftercall_followup", password=password)
    await connection.close()


async def _write(settings: Settings, service: str, topic: str) -> None:
    producer = AIOKafkaProducer(**client_arguments(settings, principal_of(service)))
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"{}", partition=0)
    finally:
        await producer.stop()


async def _read(settings: Settings, service: str, topic: str, group: str | None) -> None:
    consumer = AIOKafkaConsumer(**client_arguments(settings, principal_of(service)), group_id=group)
    try:
        await consumer.start()
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        if group:
            await consumer.committed(place)
        consumer.seek(place, 0)
        await consumer.getmany(timeout_ms=10_000)
    finally:
        await consumer.stop()


asyncio.run(main(sys.argv[1]))
