"""A sound system is found sound, at rest and under traffic."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from chassis.access.accounts import create_account
from chassis.access.roles import Role
from chassis.outbox import row_of, write
from chassis.settings import Settings
from chassis.testing.infra import Infra
from contracts.events.reporting import ReportPublished
from launcher.faults import StartError
from launcher.verify import verify
from launcher.verify.readmodel import OWN, READ_MODEL
from launcher.verify.replay import DELIVERY
from tests.integration.launcher.verify.world import World, by_name, copied, document, fresh, red, running

IMPORTS = "/survey/api/v1/imports"
PASSWORD = "only for this run of the tests"
GOOD = {
    "overall.score": "5", "response_speed.score": "4", "competence.score": "5", "attitude.score": "5",
    "clarity.score": "4", "solved.choice": "是", "nps.score": "9",
}  # fmt: skip


async def test_a_system_at_rest_is_clean_and_nothing_is_in_flight(told: Settings) -> None:
    verdict = await verify(told)
    assert verdict.clean, verdict.defects
    assert verdict.in_flight == 0
    checks = by_name(verdict)
    assert checks["stage service-accepted"].looked_at == 6
    assert checks["stage response-recorded"].looked_at == 2
    assert checks["stage case-changed"].looked_at >= 1
    assert checks["read model reporting"].looked_at > 10


async def test_every_revision_of_a_report_is_a_fact_of_its_own(told: Settings, infra: Infra) -> None:
    settings = await copied(infra, told)
    now = datetime(2026, 11, 2, tzinfo=UTC)
    events = [
        ReportPublished(period="2026-10", revision=number, digest="d", links=(), published_at=now) for number in (1, 2)
    ]
    rows = [row_of(event, service="reporting", now=now, cause=None) for event in events]
    owner = await asyncpg.connect(settings.database_url, server_settings={"search_path": "reporting"})
    try:
        await owner.execute(
            "INSERT INTO report (period, revision, kind, published_at, digest, estimates_digest, header, "
            "content_sealed, points) SELECT '2026-10', n, 'month', $1, 'd', 'd', '{}', '', '{}' "
            "FROM generate_series(1, 2) AS n",
            now,
        )
        await write(owner, rows)
        verdict = await verify(settings)
        assert verdict.clean, verdict.defects
        await owner.execute("UPDATE report SET revision = 3 WHERE revision = 1")
        assert red(await verify(settings)) == {"stage report-published": {"wrong": 1, "lost": 1}}
    finally:
        await owner.close()


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


async def test_voided_and_imported_records_are_accounted_for(infra: Infra) -> None:
    settings = await fresh(infra)
    async with running(settings) as world:
        await world.tell(*(document(number, email=f"v{number}@example.com") for number in range(1, 4)), document(4))
        codes = await world.letters(3)
        await world.answer(codes[0], score=5, text="师傅很专业，谢谢")
        await world.stepper.idle()
        await signed_in(world, Role.SUPERVISOR)
        rows = await imported(world, [f"S-{number}" for number in range(1, 5)])
        assert sorted(row["verdict"] for row in rows) == ["duplicate", "recorded", "recorded", "recorded"]
        sound = next(row["response_id"] for row in rows if row["verdict"] == "recorded")
        said = {"decision": "void", "reason": "test"}
        (await world.web.post(f"/survey/api/v1/quality/{sound}", json=said)).raise_for_status()
        await world.stepper.idle()
        verdict = await verify(settings)
    assert verdict.clean, verdict.defects
    assert verdict.in_flight == 0
    checks = by_name(verdict)
    assert checks["stage response-recorded"].looked_at == 5
    assert checks["stage response-voided"].looked_at == 2


async def signed_in(world: World, role: Role) -> None:
    """From now on the world's browser is this person's."""
    owner = await asyncpg.connect(world.settings.database_url)
    try:
        await create_account(owner, login="someone", name="someone", role=role, password=PASSWORD)
    finally:
        await owner.close()
    assert (await world.web.post("/login", data={"login": "someone", "password": PASSWORD})).status_code == 303


async def imported(world: World, services: list[str]) -> list[dict[str, Any]]:
    """A table with an answer for each service, recorded; its rows with their verdicts."""
    heading = ["service_id", "answered_at", *GOOD]
    table = "\n".join(
        ",".join(row) for row in (heading, *([name, "2026-10-13 09:30", *GOOD.values()] for name in services))
    )
    form = {"questionnaire": "after_sale", "source": "crm-east"}
    reply = await world.web.post(IMPORTS, files={"file": ("a.csv", table.encode())}, data=form)
    place = f"{IMPORTS}/{reply.raise_for_status().json()['import_id']}"
    (await world.web.post(f"{place}/commit", json={"rows": "all"})).raise_for_status()
    for _ in range(600):
        rows: list[dict[str, Any]] = (await world.web.get(f"{place}/rows")).json()["rows"]
        if all(row["state"] == "settled" for row in rows):
            return rows
        await asyncio.sleep(0.1)
    raise AssertionError(f"the rows were not recorded within a minute: {rows}")


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
