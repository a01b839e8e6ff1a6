"""Connections to PostgreSQL: one pool per service, under the role that may touch its own schema only."""

import json
import socket
from typing import Any

import asyncpg

from chassis.settings import Settings

_KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 11_000}
"""A host that vanished is noticed after 11 s, not after the statement's time limit. Names that the platform knows."""
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_JSONB_VERSION = b"\x01"  # the first byte of jsonb on the wire


def role_of(schema: str) -> str:
    return f"aftercall_{schema}"


async def open_pool(settings: Settings, *, schema: str, role: str | None = None, max_size: int = 10) -> asyncpg.Pool:
    """A pool on the host and database of `database_url`, logged in as `role` (default: the schema's own role).

    Names resolve in `schema` first. A jsonb column takes and gives plain Python values, in COPY as well; bytes that it
    takes are JSON already.
    """
    user = role or role_of(schema)
    return await asyncpg.create_pool(
        dsn=settings.database_url,
        user=user,
        password=settings.secrets.password_of(user),
        min_size=1,
        max_size=max_size,
        command_timeout=60,
        init=_prepare,
        reset=_as_it_is,
        server_settings={
            "application_name": user,
            "search_path": f"{schema}, pg_temp",
            # the oldest open transaction holds back every relay of the cluster
            "idle_in_transaction_session_timeout": "10s",
            "transaction_timeout": "30s",
            "jit": "off",
        },
    )


async def connect(settings: Settings, *, role: str, schema: str, seconds: float, **session: str) -> asyncpg.Connection:
    """One connection for work that is no service's, with the session settings given. Raises `TimeoutError`."""
    connection = await asyncpg.connect(
        dsn=settings.database_url,
        user=role,
        password=settings.secrets.password_of(role),
        timeout=seconds,
        server_settings={"application_name": role, "search_path": schema, "jit": "off", "timezone": "UTC", **session},
    )
    await _teach_json(connection)
    return connection


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """No round trip at each release: nothing here outlives a transaction, and the relay gives its lock back itself."""


async def _prepare(connection: asyncpg.Connection) -> None:
    await _teach_json(connection)
    _notice_silence(connection)


def _notice_silence(connection: asyncpg.Connection) -> None:
    wire = connection._transport.get_extra_info("socket")  # the driver has no setting for it
    if wire.family not in (socket.AF_INET, socket.AF_INET6):
        return
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _teach_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_jsonb_bytes, decoder=_jsonb_value
    )


def _jsonb_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return _JSONB_VERSION + value
    return _JSONB_VERSION + _JSON.encode(value).encode()


def _jsonb_value(data: bytes) -> Any:
    return json.loads(data[1:])
