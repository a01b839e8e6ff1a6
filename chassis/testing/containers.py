"""The same two servers as containers, from the images that docker-compose.yml names."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import asyncpg

from chassis.embedded import ports
from chassis.embedded.kafka import SETTINGS, answers
from chassis.embedded.postgres import DATABASE, OWNER
from chassis.testing.loops import run_apart

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka:4.3.1"
IMAGES = (POSTGRES_IMAGE, KAFKA_IMAGE)
READY_SECONDS = 90
POSTGRES_COMMAND = ("postgres -c max_connections=200 -c max_locks_per_transaction=1024 "
                    "-c idle_in_transaction_session_timeout=10s")  # fmt: skip


@dataclass(frozen=True)
class Containers:
    kafka: str
    owner_dsn: str
    stop: Callable[[], None]


def start_containers(owner_password: str) -> Containers:
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # the reaper's image may be out of reach
    from testcontainers.core.container import DockerContainer  # only on machines with an engine

    postgres = (
        DockerContainer(POSTGRES_IMAGE)
        .with_env("POSTGRES_USER", OWNER)
        .with_env("POSTGRES_PASSWORD", owner_password)
        .with_env("POSTGRES_DB", DATABASE)
        .with_command(POSTGRES_COMMAND)
        .with_exposed_ports(5432)
    )
    kafka_port = ports.any_free()
    kafka = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, kafka_port)
    for name, value in _kafka_environment(kafka_port).items():
        kafka = kafka.with_env(name, value)
    started: list[DockerContainer] = []

    def stop() -> None:
        for container in started:
            container.stop()

    try:
        for container in (postgres, kafka):
            started.append(container)
            container.start()
        address = f"{postgres.get_container_host_ip()}:{postgres.get_exposed_port(5432)}"
        dsn = f"postgresql://{OWNER}:{quote(owner_password, safe='')}@{address}/{DATABASE}"
        run_apart(_wait_until_ready(dsn, kafka_port))
    except BaseException:
        stop()
        raise
    return Containers(f"{ports.LOOPBACK}:{kafka_port}", dsn, stop)


async def _wait_until_ready(dsn: str, kafka_port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if await _accepts(dsn) and await answers(kafka_port):
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


def _kafka_environment(port: int) -> dict[str, str]:
    """The embedded broker's settings in the image's spelling; the listener that clients see is the bound port."""
    settings = {
        **SETTINGS,
        "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://{ports.LOOPBACK}:{port}",
        "controller.quorum.voters": "1@localhost:9093",
    }
    return {"KAFKA_" + name.replace(".", "_").upper(): value for name, value in settings.items()}
