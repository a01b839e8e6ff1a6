"""Real PostgreSQL and Kafka for tests: containers where an engine answers, the embedded servers elsewhere."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from chassis.embedded.kafka import KafkaServer, start_kafka
from chassis.embedded.postgres import OWNER, PostgresServer, start_postgres
from chassis.embedded.secrets import database_password, ensure_secrets
from chassis.testing.containers import IMAGES, start_containers
from chassis.testing.loops import run_apart

CHOICE = "AFTERCALL_TEST_INFRA"


@dataclass(frozen=True)
class Infra:
    """`owner_dsn` is the owner's login to an empty database; `secrets` a file with all keys and role passwords."""

    kafka: str
    owner_dsn: str
    secrets: Path
    kind: str
    stop: Callable[[], None]

    async def new_database(self, *, like: str | None = None) -> str:
        """The owner's DSN of another database on the same server (roles are shared by all its databases).

        Empty, or a copy of the database with the DSN `like`, which nobody may be connected to. Rights on a database
        itself are not copied.
        """
        name = f"test_{uuid4().hex}"
        template = f" TEMPLATE {urlsplit(like).path.removeprefix('/')}" if like else ""
        connection = await asyncpg.connect(self.owner_dsn)
        try:
            await connection.execute(f"CREATE DATABASE {name}{template}")
        finally:
            await connection.close()
        return urlunsplit(urlsplit(self.owner_dsn)._replace(path=f"/{name}"))

    async def drop_database(self, dsn: str) -> None:
        """One that `new_database` made. Hundreds that are left fill the disk, and take a minute to remove."""
        connection = await asyncpg.connect(self.owner_dsn)
        try:
            await connection.execute(f"DROP DATABASE {urlsplit(dsn).path.removeprefix('/')} WITH (FORCE)")
        finally:
            await connection.close()


def start_infra(data: Path, *, roles: Sequence[str] = ()) -> Infra:
    """Starts both servers with their files in `data`; `stop` ends them. May be called inside and outside a loop."""
    kind = os.environ.get(CHOICE) or ("containers" if _containers_are_at_hand() else "embedded")
    secrets = ensure_secrets(data, (OWNER, *roles))
    if kind == "containers":
        running = start_containers(database_password(secrets, OWNER))
        return Infra(running.kafka, running.owner_dsn, secrets, kind, running.stop)
    if kind != "embedded":
        raise ValueError(f"{CHOICE} is {kind!r}, it must be containers or embedded")
    return _start_embedded(data, secrets)


def _start_embedded(data: Path, secrets: Path) -> Infra:
    async def start() -> tuple[PostgresServer, KafkaServer]:
        password = database_password(secrets, OWNER)
        postgres = await start_postgres(data / "postgres", port=None, owner_password=password, disposable=True)
        try:
            return postgres, await start_kafka(data / "kafka", port=None, short_lived=True)
        except BaseException:
            await postgres.stop()
            raise

    postgres, kafka = run_apart(start())

    async def stop() -> None:
        await kafka.kill()  # nobody reads this broker's data again
        await postgres.kill()

    return Infra(kafka.bootstrap, postgres.dsn, secrets, "embedded", lambda: run_apart(stop()))


def _containers_are_at_hand() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        found = subprocess.run(  # noqa: S603 - fixed words
            [docker, "image", "inspect", *IMAGES], capture_output=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0
