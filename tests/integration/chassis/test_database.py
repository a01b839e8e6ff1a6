"""Connections of the pools."""

import socket

from chassis.database import open_pool
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
