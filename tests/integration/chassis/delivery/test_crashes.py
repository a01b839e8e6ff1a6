"""kill -9 at every point where a message is between two places: nothing lost, nothing done twice."""

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.testing.infra import Infra
from tests.integration.chassis.delivery.conftest import everything
from tests.integration.chassis.delivery.crash_program import POINTS
from tests.integration.chassis.delivery.example import an_acceptance, record_of

EVENTS = 1600
CRASHES = 2

pytestmark = pytest.mark.crash


class Program:
    """Starts the example service as a process of its own and reads what it reports."""

    def __init__(self, infra: Infra, settings: Settings, report: Path) -> None:
        self._infra = infra
        self._settings = settings
        self.report = report

    async def start(self, point: str, passes: int = 0) -> asyncio.subprocess.Process:
        told = {
            "report": str(self.report),
            "point": point,
            "passes": passes,
            "secrets": str(self._infra.secrets),
            "settings": {
                "kafka": self._settings.kafka,
                "kafka_group": self._settings.kafka_group,
                "kafka_session_ms": 1500,
                "database_url": self._settings.database_url,
            },
        }
        program = "tests.integration.chassis.delivery.crash_program"
        return await asyncio.create_subprocess_exec(sys.executable, "-m", program, json.dumps(told))

    def crashes(self) -> int:
        return self._lines().count("crash")

    def fetched(self) -> int:
        return sum(int(line.split()[1]) for line in self._lines() if line.startswith("fetched"))

    def _lines(self) -> list[str]:
        return self.report.read_text().splitlines() if self.report.exists() else []


async def _effects(runtime: Runtime) -> list[str]:
    async with runtime.reading() as connection:
        return [row["said"] for row in await connection.fetch("SELECT said FROM effect ORDER BY nth")]


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def _finish(program: Program, runtime: Runtime, bootstrap: str) -> None:
    process = await program.start("none")
    limit = time.monotonic() + 120
    try:
        while len(await _effects(runtime)) < EVENTS or len({t.said for t in await _told(bootstrap)}) < EVENTS:
            assert time.monotonic() < limit, "lost: not everything arrived"
            await asyncio.sleep(0.3)
        await asyncio.sleep(0.5)
    finally:
        await _end(process)


async def _told(bootstrap: str):  # type: ignore[no-untyped-def]
    return await everything(bootstrap, "opt-out-requested")


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_loses_nothing_and_does_nothing_twice(
    point: str, infra: Infra, settings: Settings, runtime: Runtime, producer: AIOKafkaProducer, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for n in range(EVENTS):
        key, value, headers = record_of(an_acceptance(f"customer-{n % 23}", f"S{n:05}"))
        await producer.send("service-accepted", value, key=key, headers=headers)
    await producer.flush()
    program = Program(infra, settings, tmp_path / "report")
    for nth in range(CRASHES):
        process = await program.start(point, passes=nth)
        try:
            async with asyncio.timeout(120):
                assert await process.wait() == -9
        finally:
            await _end(process)
    await _finish(program, runtime, infra.kafka)

    told = await _told(infra.kafka)
    refetched, resent = program.fetched() - EVENTS, len(told) - EVENTS
    with capsys.disabled():
        print(f"\n{point}: fired {program.crashes()} times, {refetched} records read again, {resent} sent again")  # noqa: T201
    assert program.crashes() == CRASHES, "the crash point did not fire"
    assert (resent if point.startswith("relay") else refetched) > 0, "no duplicate was seen, so nothing was proved"
    effects = await _effects(runtime)
    assert sorted(effects) == sorted(f"S{n:05}" for n in range(EVENTS))
    assert len({one.event_id for one in told}) == EVENTS
    _assert_order(told)


def _assert_order(told) -> None:  # type: ignore[no-untyped-def]
    """Per customer the first sight of each event is in order (a repeat comes after it and is known by its id)."""
    seen: set[str] = set()
    last: dict[str, str] = {}
    for one in told:
        if one.event_id in seen:
            continue
        seen.add(one.event_id)
        assert last.get(one.key, "") < one.said
        last[one.key] = one.said
