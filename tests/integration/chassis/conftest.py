from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio

from chassis.database import open_pool
from chassis.migrations import migrate
from chassis.settings import Secrets, Settings, load_settings
from chassis.testing.infra import Infra
from chassis.testing.two_services import ALPHA, BETA, Database


@pytest_asyncio.fixture(scope="session")
async def two_services(infra: Infra) -> Settings:
    secrets = Secrets.read(Path(infra.secrets))
    roles = [f"aftercall_{name}" for name in ("alpha", "beta", "gamma", "delta", "auditor")]
    passwords = {**secrets.database_passwords, **Secrets.fresh(roles).database_passwords}
    settings = load_settings(
        kafka=infra.kafka,
        database_url=await infra.new_database(),
        secrets=secrets.model_copy(update={"database_passwords": passwords}),
    )
    await migrate(settings, [ALPHA, BETA])
    return settings


@pytest_asyncio.fixture
async def database(two_services: Settings) -> AsyncIterator[Database]:
    alpha, beta = await open_pool(two_services, schema="alpha"), await open_pool(two_services, schema="beta")
    yield Database(two_services, alpha, beta)
    await alpha.close()
    await beta.close()


@pytest_asyncio.fixture
async def owner(two_services: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(two_services.database_url)
    yield connection
    await connection.close()
