"""Ready means progress: false while something is away, with the reason, and true again when it has come back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from chassis.embedded.postgres import OWNER, PostgresServer, start_postgres
from chassis.embedded.secrets import database_password
from chassis.host import Host
from chassis.loops import LoopRunner
from chassis.migrations import migrate
from chassis.relay import Relay
from chassis.runtime import Loop, Runtime, open_runtime
from chassis.settings import Settings
from chassis.testing.infra import Infra
from tests.conftest import server_directory
from tests.integration.chassis.delivery.conftest import settled
from tests.integration.chassis.delivery.example import EXAMPLE, an_acceptance, record_of


class Database:
    """A server of this test's own, stopped and started again on the same port under whoever is connected."""

    def __init__(self, directory: Path, password: str) -> None:
        self._directory = directory
        self._password = password
        self.server: PostgresServer | None = None

    async def start(self) -> str:
        self.server = await start_postgres(self._directory / "postgres", port=None, owner_password=self._password)
        return self.server.dsn

    async def stop(self) -> None:
        assert self.server is not None
        await self.server.stop()

    async def kill(self) -> None:
        assert self.server is not None
        await self.server.kill()


@pytest.fixture
def directory() -> Iterator[Path]:
    with server_directory() as made:
        yield made


@pytest.fixture
async def database(directory: Path, infra: Infra) -> AsyncIterator[Database]:
    found = Database(directory, database_password(infra.secrets, OWNER))
    await found.start()
    yield found
    await found.kill()


@pytest.fixture
async def own_runtime(database: Database, settings: Settings) -> AsyncIterator[Runtime]:
    assert database.server is not None
    own = settings.model_copy(update={"database_url": database.server.dsn})
    await migrate(own, [EXAMPLE.schema])
    runtime = await open_runtime(EXAMPLE, own)
    yield runtime
    await runtime.close()


async def until(runtime: Runtime, wanted: Callable[[list[str]], bool], *, seconds: float = 60) -> list[str]:
    limit = time.monotonic() + seconds
    while True:
        reasons = await runtime.ready()
        if wanted(reasons):
            return reasons
        assert time.monotonic() < limit, reasons
        await asyncio.sleep(0.1)


def none(reasons: list[str]) -> bool:
    return not reasons


async def tell(producer: AIOKafkaProducer, service_id: str) -> None:
    key, value, headers = record_of(an_acceptance("customer-1", service_id))
    await producer.send_and_wait("service-accepted", value, key=key, headers=headers)


async def effects(runtime: Runtime) -> list[str]:
    async with runtime.reading() as connection:
        return [row["said"] for row in await connection.fetch("SELECT said FROM effect ORDER BY nth")]


@pytest.mark.parametrize("ends", [Database.stop, Database.kill], ids=["stopped", "killed"])
async def test_a_host_recovers_by_itself_when_the_database_was_away(
    ends: Callable[[Database], object], database: Database, own_runtime: Runtime, producer: AIOKafkaProducer
) -> None:
    async with Host(own_runtime) as host:
        await until(own_runtime, none)
        for nth in range(3):
            await tell(producer, f"before-{nth}")
            await ends(database)  # type: ignore[misc]
            await tell(producer, f"meanwhile-{nth}")
            away = await until(own_runtime, lambda reasons: any("database" in reason for reason in reasons))
            assert not any("ended" in reason for reason in away)
            await database.start()
            await until(own_runtime, none)
            assert not any(task.done() for task in host._tasks)
        told = {f"{when}-{nth}" for when in ("before", "meanwhile") for nth in range(3)}
        await settled(host)
        assert sorted(await effects(own_runtime)) == sorted(told)


async def test_a_pool_that_cannot_be_had_is_a_reason_and_no_wait(runtime: Runtime) -> None:
    async with Host(runtime), AsyncExitStack() as holding:
        await until(runtime, none)
        while runtime.pool.get_idle_size() or runtime.pool.get_size() < runtime.pool.get_max_size():
            await holding.enter_async_context(runtime.pool.acquire())
        assert any("every connection in use" in reason for reason in await runtime.ready())
        await holding.aclose()
        await until(runtime, none)


async def test_a_relay_that_ends_begins_again_and_is_named_meanwhile(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, begun = Relay.run, 0

    async def ends_once(relay: Relay) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise RuntimeError("planted")
        await whole(relay)

    monkeypatch.setattr(Relay, "run", ends_once)
    async with Host(runtime):
        reasons = await until(runtime, lambda found: any("relay ended" in one for one in found))
        assert any("begins again" in one for one in reasons)
        await until(runtime, none)
    assert begun == 2


async def test_halted_receiving_is_not_ready(runtime: Runtime) -> None:
    async with Host(runtime) as host:
        await until(runtime, none)
        host.subscriber._halt("planted")
        assert await until(runtime, bool) == ["survey: receiving halted: planted"]


async def test_records_that_wait_while_none_is_settled_are_a_reason(
    runtime: Runtime, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.measuring.STALE_SECONDS", 0.2)
    held = asyncio.Event()

    async def wait(_: object) -> None:
        await held.wait()

    async with Host(runtime) as host:
        await until(runtime, none)
        monkeypatch.setattr(host.consumer, "handle", wait)
        await tell(producer, "waits")
        await _measured_until(host, lambda: any("none was settled" in one for one in host.measuring.stuck()))
        monkeypatch.undo()
        held.set()


async def _measured_until(host: Host, done: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not done():
            await host.measuring.broker()
            await asyncio.sleep(0.1)


async def test_a_loop_that_runs_once_an_hour_is_tried_again_soon_after_a_fault(runtime: Runtime) -> None:
    tried, again = 0, asyncio.Event()

    async def step(_: Runtime) -> int:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise ConnectionResetError("planted")
        again.set()
        return 0

    runner = LoopRunner(runtime, Loop("hourly", step, timedelta(hours=1)))
    task = asyncio.create_task(runner.run())
    async with asyncio.timeout(30):
        await again.wait()
    task.cancel()
