"""The load page over real rows: what is counted where, and that no statement reads a whole table."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from chassis.access.roles import Role
from chassis.testing.harness import ServiceUnderTest, running
from chassis.testing.infra import Infra
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Disposition
from services.scheduler.app import SERVICE
from services.scheduler.store import workload
from services.scheduler.store.workload import Wanted
from tests.integration.scheduler.builders import NOW, a_completion, an_attempt

HOUR = timedelta(hours=1)


@pytest.fixture
async def full(infra: Infra) -> AsyncIterator[ServiceUnderTest]:
    """Capacity is 28 an hour for seniors: of 40 complaints due at once, twelve wait."""
    async with running(SERVICE, infra, now=NOW) as service:
        await service.receive(*[a_completion(service_id=f"L-{number:02d}") for number in range(40)])
        await service.tick()
        yield service


async def test_the_load_page_counts_released_and_waiting_calls_of_the_hour_and_names_the_rest(
    full: ServiceUnderTest,
) -> None:
    assert len(await full.sent(CallbackDue)) == 28
    supervisor = await full.client(Role.SUPERVISOR)
    page = await supervisor.get("/scheduler/load")
    assert page.status_code == 200
    assert 'hx-trigger="every 10s"' in page.text
    assert ">28<span" in page.text, "released in the hour that runs"
    assert ">12<span" in page.text, "put off to the next that is preferred"
    assert "超出容量" in page.text, "24 senior calls an hour"
    assert (await supervisor.get("/scheduler/load", params={"skill": "general"})).text.count(">28<span") == 0
    assert (await supervisor.get("/scheduler/load", params={"scenario": "no such"})).status_code == 200
    english = await supervisor.get("/scheduler/load", params={"lang": "en"})
    assert "Expected to miss the window" in english.text
    analyst = await full.client(Role.ANALYST)
    assert (await analyst.get("/scheduler/load")).status_code == 403
    assert (await analyst.get("/scheduler/load/calls")).status_code == 403


async def test_a_cell_opens_the_calls_of_its_hour(full: ServiceUnderTest) -> None:
    supervisor = await full.client(Role.SUPERVISOR)
    page = await supervisor.get("/scheduler/load/calls", params={"hour": (NOW + 4 * HOUR).isoformat()})
    assert page.text.count('href="/scheduler/why/crm-east/L-') == 12
    assert "座席容量已满" in page.text
    await full.receive(a_completion(handled_at=NOW, completed_at=NOW + HOUR / 20))
    told = await full.query("SELECT due_at FROM permit WHERE NOT plan ? 'put_off' AND state = 'pending'")
    unmoved = await supervisor.get("/scheduler/load/calls", params={"hour": told[0]["due_at"].isoformat()})
    assert unmoved.status_code == 200, "a call that was never put off"
    for hour in (NOW - HOUR, NOW + timedelta(days=9)):
        assert (await supervisor.get("/scheduler/load/calls", params={"hour": hour.isoformat()})).status_code == 404
    assert (await supervisor.get("/scheduler/load/calls", params={"hour": "soon"})).status_code == 422


async def test_a_window_is_missed_when_the_first_contact_comes_late_or_never(full: ServiceUnderTest) -> None:
    (first, second, *_) = await full.sent(CallbackDue)
    late = NOW + timedelta(hours=30)
    await full.step_to(late)
    await full.receive(
        an_attempt(first, Disposition.BREAK_OFF, at=late), an_attempt(second, Disposition.BREAK_OFF, at=NOW)
    )
    async with full.runtime.reading() as connection:
        missed = await workload.missed(connection, Wanted(), since=NOW, now=late)
        elsewhere = await workload.missed(connection, Wanted(scenario="care"), since=NOW, now=late)
    assert (missed, elsewhere) == (1, 0)


async def test_no_statement_of_the_load_page_reads_a_whole_table(full: ServiceUnderTest) -> None:
    """With many rows that are done: the plans touch what is open, and nothing else."""
    await _fill_with_ended_work(full)
    async with full.runtime.reading() as connection:
        watched = _Explained(connection)
        await workload.pending_calls(watched, zone="Asia/Shanghai", now=NOW, until=NOW + timedelta(days=7))  # type: ignore[arg-type]
        await workload.released_calls(watched, since=NOW, skills=("general", "senior"))  # type: ignore[arg-type]
        await workload.backlog(watched, Wanted(), NOW)  # type: ignore[arg-type]
        await workload.missed(watched, Wanted(), since=NOW - timedelta(days=7), now=NOW)  # type: ignore[arg-type]
    assert len(watched.plans) == 4
    for plan in watched.plans:
        assert "Seq Scan" not in plan, plan


class _Explained:
    """Stands where a connection stands; every statement is explained instead of run."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.plans: list[str] = []

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        rows = await self._connection.fetch("EXPLAIN " + query, *arguments)
        self.plans.append("\n".join(row[0] for row in rows))
        return []

    async def fetchval(self, query: str, *arguments: object) -> int:
        await self.fetch(query, *arguments)
        return 0


async def _fill_with_ended_work(scheduler: ServiceUnderTest) -> None:
    async with scheduler.runtime.transaction() as tx:
        await tx.connection.execute(
            """
            INSERT INTO callback
            SELECT copy.* FROM (SELECT * FROM callback LIMIT 1) AS one, generate_series(1, 20000) AS n,
                jsonb_populate_record(NULL::callback, to_jsonb(one) || jsonb_build_object('callback_id', 'done-' || n,
                'closed_at', now(), 'explanation', 'complete')) AS copy
            """
        )
        await tx.connection.execute(
            """
            INSERT INTO permit
            SELECT copy.* FROM (SELECT * FROM permit LIMIT 1) AS one, generate_series(1, 20000) AS n,
                jsonb_populate_record(NULL::permit, to_jsonb(one) || jsonb_build_object('callback_id', 'done-' || n,
                'state', 'ended', 'released_at', '2026-01-01T00:00:00Z')) AS copy
            """
        )
    async with scheduler.runtime.reading() as connection:
        await connection.execute("ANALYZE callback, permit")
