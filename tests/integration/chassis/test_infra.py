from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from chassis.settings import Secrets
from chassis.testing.infra import CHOICE, Infra, start_infra


async def test_both_servers_answer_and_the_secrets_fit(infra: Infra) -> None:
    connection = await asyncpg.connect(infra.owner_dsn)
    assert str(await connection.fetchval("SHOW server_version")).startswith("18")
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=infra.kafka)
    await admin.start()
    await admin.close()
    assert Secrets.read(infra.secrets).password_of("aftercall_owner") in infra.owner_dsn


async def test_every_new_database_is_empty_and_its_own(infra: Infra) -> None:
    first, second = await infra.new_database(), await infra.new_database()
    connection = await asyncpg.connect(first)
    await connection.execute("CREATE TABLE only_here ()")
    await connection.close()
    connection = await asyncpg.connect(second)
    assert await connection.fetchval("SELECT to_regclass('only_here')") is None
    await connection.close()


def test_an_unknown_choice_of_infrastructure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "magic")
    with pytest.raises(ValueError, match="must be containers or embedded"):
        start_infra(tmp_path)
