"""What a client is told of a connection that broke at the very moment of a request, on the loop of the services."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.protocol.admin import ApiVersionRequest

from chassis import kafka_connections
from chassis.kafka_connections import tell_broken_connections


class Silent(AIOKafkaConnection):  # type: ignore[misc]
    async def _do_version_lookup(self) -> None:
        """Nobody answers here."""


async def broken(told: Callable[[AIOKafkaConnection], Awaitable[None]]) -> None:
    """A connection of which only the transport knows that it is gone."""
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    connection = Silent(*server.sockets[0].getsockname(), client_id="test")
    try:
        _, writer = await connection.connect()
        connection._read_task.cancel()
        writer.transport.abort()
        await asyncio.sleep(0.01)
        await told(connection)
    finally:
        connection.close()
        server.close()


async def refused_as_broken(connection: AIOKafkaConnection) -> None:
    tell_broken_connections()
    with pytest.raises(KafkaConnectionError, match="broken"):
        connection.send(ApiVersionRequest())
    assert not connection.connected()


async def refused_by_uvloop(connection: AIOKafkaConnection) -> None:
    with pytest.raises(RuntimeError, match="closed") as refused:
        AIOKafkaConnection.send.__wrapped__(connection, ApiVersionRequest())
    assert not isinstance(refused.value, KafkaError)


def test_a_request_on_a_closed_connection_is_a_broken_connection_and_closes_it() -> None:
    uvloop.run(broken(refused_as_broken))


def test_without_the_mend_uvloops_own_error_comes_through() -> None:
    """Else this file proves nothing, and the mend can go."""
    tell_broken_connections()
    uvloop.run(broken(refused_by_uvloop))


def test_it_is_mended_once() -> None:
    tell_broken_connections()
    mended = [getattr(AIOKafkaConnection, name) for name in kafka_connections._MENDED]
    tell_broken_connections()
    assert [getattr(AIOKafkaConnection, name) for name in kafka_connections._MENDED] == mended
