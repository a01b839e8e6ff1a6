"""A sound system is found sound, at rest and under traffic."""

import asyncpg
import pytest

from chassis.settings import Settings
from chassis.testing.infra import Infra
from launcher.faults import StartError
from launcher.verify import verify
from launcher.verify.readmodel import OWN, READ_MODEL
from launcher.verify.replay import DELIVERY
from tests.integration.launcher.verify.world import by_name, document, fresh, running


async def test_a_system_at_rest_is_clean_and_nothing_is_in_flight(told: Settings) -> None:
    verdict = await verify(told)
    assert verdict.clean, verdict.defects
    assert verdict.in_flight == 0
    checks = by_name(verdict)
    assert checks["stage service-accepted"].looked_at == 6
    assert checks["stage response-recorded"].looked_at == 2
    assert checks["stage case-changed"].looked_at >= 1
    assert checks["read model reporting"].looked_at > 10


async def test_it_may_be_asked_at_any_moment_of_the_traffic(infra: Infra) -> None:
    settings = await fresh(infra)
    async with running(settings) as world:
        await world.tell(*(document(number, email=f"n{number}@example.com") for number in range(40)))
        for _ in range(3):
            verdict = await verify(settings)
            assert verdict.clean, verdict.defects
        await world.stepper.idle()
        verdict = await verify(settings)
    assert verdict.clean, verdict.defects
    assert verdict.in_flight == 0
    assert by_name(verdict)["stage service-accepted"].looked_at == 40


async def test_every_table_of_the_read_model_is_compared(told: Settings) -> None:
    owner = await asyncpg.connect(told.database_url)
    rows = await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'reporting'")
    partitions = await owner.fetch("SELECT relname FROM pg_class WHERE relispartition")
    await owner.close()
    tables = {row["tablename"] for row in rows} - {row["relname"] for row in partitions} - set(DELIVERY)
    assert tables == {table.name for table in READ_MODEL} | set(OWN)


async def test_the_auditor_may_read_and_change_nothing(told: Settings) -> None:
    password = told.secrets.password_of("aftercall_auditor")
    auditor = await asyncpg.connect(told.database_url, user="aftercall_auditor", password=password)
    try:
        assert await auditor.fetchval("SELECT count(*) FROM survey.response") > 0
        for statement in ("DELETE FROM survey.response", "CREATE TABLE survey.own (a int)"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await auditor.execute(statement)
    finally:
        await auditor.close()


async def test_servers_that_are_away_are_named_in_one_sentence(told: Settings) -> None:
    with pytest.raises(StartError, match="Kafka does not answer"):
        await verify(told.model_copy(update={"kafka": "127.0.0.1:9"}))
    away = told.database_url.rpartition("@")[0] + "@127.0.0.1:9/nowhere"
    with pytest.raises(StartError, match="The database does not answer"):
        await verify(told.model_copy(update={"database_url": away}))
