"""Connections of the pools."""

import socket
from datetime import datetime, timedelta, timezone

import asyncpg
import pytest

from chassis.database import open_pool
from chassis.errors import cannot_be_kept
from chassis.migrations import migrate
from chassis.settings import Secrets, load_settings
from chassis.testing.infra import Infra
from tests.integration.chassis.delivery.example import EXAMPLE


async def test_a_vanished_database_host_is_noticed_in_seconds(infra: Infra) -> None:
    secrets = Secrets.read(infra.secrets)
    settings = load_settings(kafka=infra.kafka, database_url=await infra.new_database(), secrets=secrets)
    await migrate(settings, [EXAMPLE.schema])
    pool = await open_pool(settings, schema=EXAMPLE.name)
    try:
        async with pool.acquire() as connection:
            wire = connection._con._transport.get_extra_info("socket")
            assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 5
            assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 11_000
    finally:
        await pool.close()


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("SELECT $1::text", "a\x00b"), ("SELECT $1::text", "\ud800"), ("SELECT $1::integer", 2**40),
        ("SELECT $1::timestamptz", datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=9)))),
    ],
)  # fmt: skip
async def test_what_no_column_takes_is_told_from_a_fault_of_ours(infra: Infra, query: str, value: object) -> None:
    connection = await asyncpg.connect(infra.owner_dsn)
    try:
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
            await connection.fetchval(query, value)
        assert cannot_be_kept(caught.value)
        with pytest.raises(asyncpg.PostgresError) as ours:
            await connection.fetchval("SELECT nothing FROM nowhere")
        assert not cannot_be_kept(ours.value)
    finally:
        await connection.close()
