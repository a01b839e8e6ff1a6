"""The same two servers as containers, from the images that docker-compose.yml names."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from chassis.embedded import ports
from chassis.embedded.kafka import SETTINGS, answers
from chassis.embedded.postgres import DATABASE, OWNER
from chassis.testing.loops import run_apart

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka:4.3.1"
IMAGES = (POSTGRES_IMAGE, KAFKA_IMAGE)
START_SCRIPT = Path(__file__).parents[2] / "deploy" / "kafka" / "start"
READY_SECONDS = 180  # a loaded machine starts both at once
POSTGRES_COMMAND = ("postgres -c max_connections=200 -c max_locks_per_transaction=1024 "
                    "-c idle_in_transaction_session_timeout=10s -c track_commit_timestamp=on")  # fmt: skip


@dataclass(frozen=True)
class Containers:
    kafka: str
    owner_dsn: str
    stop: Callable[[], None]


def start_containers(owner_password: str, *, guarded: Path | None = None) -> Containers:
    """Both at once. Kafka without login; with `guarded` (the shares of `./aftercall secrets`), everybody logs in, by
    the same script as under compose."""
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # the reaper's image may be out of reach
    postgres = _postgres(owner_password)
    kafka_port = ports.any_free()
    kafka = _kafka_with_login(kafka_port, guarded) if guarded else _kafka(kafka_port)
    started: list[Any] = []

    def stop() -> None:
        for container in started:
            container.stop()

    try:
        for container in (postgres, kafka):
            started.append(container)
            container.start()
        address = f"{postgres.get_container_host_ip()}:{postgres.get_exposed_port(5432)}"
        dsn = f"postgresql://{OWNER}:{quote(owner_password, safe='')}@{address}/{DATABASE}"
        run_apart(_wait_until_ready(dsn, _listens if guarded else answers, kafka_port))
    except BaseException:
        stop()
        raise
    return Containers(f"{ports.LOOPBACK}:{kafka_port}", dsn, stop)


def _postgres(owner_password: str) -> Any:
    from testcontainers.core.container import DockerContainer  # only on machines with an engine

    return (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_USER", OWNER)
        .with_env("POSTGRES_PASSWORD", owner_password)
        .with_env("POSTGRES_DB", DATABASE)
        .with_command(POSTGRES_COMMAND)
        .with_exposed_ports(5432)
    )


def _kafka(port: int) -> Any:
    from testcontainers.core.container import DockerContainer

    kafka = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, port)
    for name, value in _kafka_environment(port).items():
        kafka = kafka.with_env(name, value)
    return kafka


def _kafka_with_login(port: int, shares: Path) -> Any:
    from testcontainers.core.container import DockerContainer

    return (
        DockerContainer(KAFKA_IMAGE)
        .with_bind_ports(9094, port)
        .with_env("KAFKA_OUTSIDE", f"{ports.LOOPBACK}:{port}")
        .with_volume_mapping(str(START_SCRIPT), "/opt/aftercall/start", "ro")
        .with_volume_mapping(str(shares / "kafka"), "/run/aftercall", "ro")
        .with_command("/bin/sh /opt/aftercall/start")
    )


async def _wait_until_ready(dsn: str, broker_answers: Callable[[int], Awaitable[bool]], kafka_port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if await _accepts(dsn) and await broker_answers(kafka_port):
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(f"The containers were not ready after {READY_SECONDS} s")


async def _accepts(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True


async def _listens(port: int) -> bool:
    """Docker's own proxy takes connections before the broker does, and closes those again at once."""
    try:
        reader, writer = await asyncio.open_connection(ports.LOOPBACK, port)
    except OSError:
        return False
    try:
        async with asyncio.timeout(1):
            await reader.read(1)  # a broker waits for the first word
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        writer.close()
    return False


def _kafka_environment(port: int) -> dict[str, str]:
    """The embedded broker's settings in the image's spelling; the listener that clients see is the bound port."""
    settings = {
        **SETTINGS,
        "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://{ports.LOOPBACK}:{port}",
        "controller.quorum.voters": "1@localhost:9093",
    }
    return {"KAFKA_" + name.replace(".", "_").upper(): value for name, value in settings.items()}
