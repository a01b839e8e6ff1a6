import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import TopicPartition

from chassis.embedded import ports
from chassis.embedded.errors import EmbeddedError
from chassis.embedded.jars import kafka_class_path
from chassis.embedded.kafka import KafkaServer, start_kafka
from chassis.embedded.postgres import PostgresServer, start_postgres

PASSWORD = "it's a / good @ one"
STARTS_BOTH_AND_WAITS = """
import asyncio, sys
from pathlib import Path
from chassis.embedded.kafka import start_kafka
from chassis.embedded.postgres import start_postgres

async def main(data):
    postgres = await start_postgres(data / "postgres", port=None, owner_password=sys.argv[2])
    kafka = await start_kafka(data / "kafka", port=None)
    print(postgres.pid, kafka.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PostgresServer]:
    server = await start_postgres(tmp_path_factory.mktemp("pg") / "postgres", port=None, owner_password=PASSWORD)
    yield server
    await server.stop()


async def fetch(server: PostgresServer, query: str) -> object:
    connection = await asyncpg.connect(server.dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_the_owner_signs_in_and_is_no_superuser(postgres: PostgresServer) -> None:
    assert await fetch(postgres, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert str(await fetch(postgres, "SHOW server_version")).startswith("18.")


@pytest.mark.parametrize(
    "setting, value",
    [
        ("fsync", "on"),
        ("max_locks_per_transaction", "1024"),
        ("max_connections", "200"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("listen_addresses", "127.0.0.1"),
        ("password_encryption", "scram-sha-256"),
    ],
)
async def test_the_server_runs_with_the_settings_that_delivery_needs(
    postgres: PostgresServer, setting: str, value: str
) -> None:
    assert await fetch(postgres, f"SHOW {setting}") == value


async def test_a_wrong_password_and_a_missing_one_are_refused(postgres: PostgresServer) -> None:
    for password in ("wrong", ""):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await asyncpg.connect(postgres.dsn, password=password)


async def test_the_superuser_cannot_sign_in_at_all(postgres: PostgresServer) -> None:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(postgres.dsn, user="postgres", password="postgres")


async def test_one_directory_is_used_by_one_process(postgres: PostgresServer) -> None:
    with pytest.raises(EmbeddedError, match="Another process already runs PostgreSQL"):
        await start_postgres(postgres.directory, port=None, owner_password=PASSWORD)


async def test_a_taken_port_is_one_clear_sentence_and_leaves_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match=rf"Port {postgres.port} on 127.0.0.1, wanted for PostgreSQL, is already"):
        await start_postgres(tmp_path / "second", port=postgres.port, owner_password=PASSWORD)
    assert not (tmp_path / "second" / "cluster").exists()
    with pytest.raises(EmbeddedError, match=rf"Port {postgres.port} on 127.0.0.1, wanted for Kafka, is already"):
        await start_kafka(tmp_path / "third", port=postgres.port)


async def test_rows_and_port_survive_a_stop_and_a_kill(tmp_path: Path) -> None:
    first = await start_postgres(tmp_path / "pg", port=None, owner_password=PASSWORD)
    await fetch(first, "CREATE TABLE kept AS SELECT 7 AS seven")
    await first.stop()
    second = await start_postgres(tmp_path / "pg", port=None, owner_password=PASSWORD)
    await fetch(second, "INSERT INTO kept VALUES (8)")
    await second.kill()
    third = await start_postgres(tmp_path / "pg", port=second.port, owner_password=PASSWORD)
    try:
        assert await fetch(third, "SELECT sum(seven) FROM kept") == 15
        assert first.port == third.port
    finally:
        await third.stop()


async def test_another_owner_password_or_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    server = await start_postgres(tmp_path / "pg", port=None, owner_password=PASSWORD)
    await server.stop()
    with pytest.raises(EmbeddedError, match="another owner password"):
        await start_postgres(tmp_path / "pg", port=None, owner_password="other")
    assert ports.is_free(server.port)
    (tmp_path / "pg" / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="is of PostgreSQL 17, this program runs 18"):
        await start_postgres(tmp_path / "pg", port=None, owner_password=PASSWORD)


async def test_a_number_left_by_a_dead_server_does_not_stop_a_start(tmp_path: Path) -> None:
    server = await start_postgres(tmp_path / "pg", port=None, owner_password=PASSWORD)
    left = (tmp_path / "pg" / "cluster" / "postmaster.pid").read_text()
    await server.stop()
    reused = left.replace(str(server.pid), str(os.getpid()), 1)
    (tmp_path / "pg" / "cluster" / "postmaster.pid").write_text(reused)
    again = await start_postgres(tmp_path / "pg", port=None, owner_password=PASSWORD)
    await again.stop()


async def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1))
    with pytest.raises(EmbeddedError, match="No disk space"):
        await start_postgres(tmp_path / "pg", port=None, owner_password=PASSWORD)
    with pytest.raises(EmbeddedError, match="No disk space"):
        await start_kafka(tmp_path / "kafka", port=None)
    assert not (tmp_path / "pg" / "cluster").exists()


async def test_a_failed_download_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JGO_CACHE_DIR", str(tmp_path / "jgo"))
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{ports.any_free()}")
    with pytest.raises(EmbeddedError, match="could not be downloaded"):
        await asyncio.to_thread(kafka_class_path)


async def written_and_read(server: KafkaServer) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(bootstrap_servers=server.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partition = TopicPartition("kept", 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        batches = await consumer.getmany(partition, timeout_ms=20_000)
        return [record.value for record in batches.get(partition, [])]
    finally:
        await consumer.stop()


async def test_kafka_keeps_its_records_over_a_kill_and_its_port(tmp_path: Path) -> None:
    first = await start_kafka(tmp_path / "kafka", port=None)
    admin = AIOKafkaAdminClient(bootstrap_servers=first.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=first.bootstrap, acks="all") as producer:
        await producer.send_and_wait("kept", b"hello")
    await first.kill()
    second = await start_kafka(tmp_path / "kafka", port=None)
    try:
        assert second.port == first.port
        assert await written_and_read(second) == [b"hello"]
    finally:
        await second.stop()
    (tmp_path / "kafka" / "log" / "kafka-version").write_text("3.9.0\n")
    with pytest.raises(EmbeddedError, match=r"is of Kafka 3\.9\.0, this program runs 4\.3\.1"):
        await start_kafka(tmp_path / "kafka", port=None)


async def test_both_servers_end_when_their_parent_is_killed_and_start_again_on_its_data(tmp_path: Path) -> None:
    parent = subprocess.Popen(  # noqa: ASYNC220 - only its own first line is waited for
        [sys.executable, "-c", STARTS_BOTH_AND_WAITS, str(tmp_path), PASSWORD], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(word) for word in (await asyncio.to_thread(parent.stdout.readline)).split()]
    assert len(pids) == 2 and all(psutil.pid_exists(pid) for pid in pids)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    postgres = await start_postgres(tmp_path / "postgres", port=None, owner_password=PASSWORD)
    await postgres.stop()
    deadline = time.monotonic() + 15
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
