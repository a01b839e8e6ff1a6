"""Whole journeys: from a document of the CRM to a tagged and closed answer in the read model."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from chassis.bus import open_producer
from contracts.topics import CRM, SERVICES
from launcher.bench.hops import publish
from launcher.bench.load import record
from launcher.bench.servers import NOW, Bed
from launcher.bench.stage import BenchError
from launcher.bench.usage import Usage, mark, processor_seconds, since

ONE: tuple[tuple[str, ...], ...] = (SERVICES,)
FIVE: tuple[tuple[str, ...], ...] = tuple((name,) for name in SERVICES)
TWO: tuple[tuple[str, ...], ...] = (("scheduler", "reporting"), ("survey", "tagging", "followup"))
"""About half of the work each."""
START_SECONDS = 300.0
PATIENCE = 600.0
TICK = 0.05
COUNTED_EVERY = 0.25
"""Seconds. To count whole tables costs what is then missing to the services."""

_DONE = """SELECT least((SELECT count(*) FROM reporting.response), (SELECT count(*) FROM reporting.response_tags),
    (SELECT count(*) FROM reporting.callback))"""
_SETTLED = """
SELECT NOT EXISTS (SELECT FROM scheduler.permit WHERE state IN ('pending', 'released'))
    AND (SELECT count(*) FROM scheduler.outbox WHERE topic = 'callback-closed') <= $1
"""
_DELAYS = """
WITH told AS (
    SELECT convert_from(payload, 'utf8')::json ->> 'response_id' AS response_id, min(written_at) AS at
    FROM survey.outbox WHERE topic = 'response-recorded' AND position > $1 GROUP BY 1
)
SELECT extract(epoch FROM seen.at - told.at)::float8 AS seconds
FROM told JOIN unnest($2::text[], $3::timestamptz[]) AS seen (response_id, at) USING (response_id)
"""


@dataclass(frozen=True)
class Journeys:
    """`rate` from the first document until the last journey is in the read model."""

    processes: int
    journeys: int
    usage: Usage
    services: float
    """Processor seconds of the services' processes."""

    @property
    def rate(self) -> float:
        return self.journeys / self.usage.seconds

    @property
    def processor_ms(self) -> float:
        """Processor time of one journey: services, PostgreSQL and Kafka. Others on the machine change it little."""
        return (self.services + self.usage.postgres + self.usage.kafka) / self.journeys * 1000


@dataclass(frozen=True)
class Delay:
    """Seconds from `response-recorded` written until its case can be seen, while documents come at `rate` a second."""

    rate: float
    cases: int
    median: float
    p99: float


async def journeys(bed: Bed, numbers: range, layout: Sequence[Sequence[str]]) -> Journeys:
    async with processes(bed, layout) as running:
        before = await _settled(bed, running)
        begin, idle = await mark(bed), _spent(running)
        await publish(bed, numbers)
        await _until_done(bed, before + len(numbers), running)
        usage = since(begin, await mark(bed))
        return Journeys(len(layout), len(numbers), usage, services=_spent(running) - idle)


async def delays(bed: Bed, numbers: range, layout: Sequence[Sequence[str]], *, rate: float) -> Delay:
    """Documents come by the clock, whether or not the system keeps up: nothing waits for it, so nothing is left out."""
    async with processes(bed, layout) as running:
        before = await _settled(bed, running)
        last = await bed.owner.fetchval("SELECT coalesce(max(position), 0) FROM survey.outbox")
        flagged = await bed.owner.fetchval("SELECT coalesce(max(position), 0) FROM tagging.outbox")
        stop = asyncio.Event()
        watching = asyncio.create_task(_watch_cases(bed, stop))
        await _publish_by_the_clock(bed, numbers, rate)
        await _until_done(bed, before + len(numbers), running)
        await _until_opened(bed, flagged)
        stop.set()
        seen = await watching
        rows = await bed.owner.fetch(_DELAYS, last, list(seen), list(seen.values()))
    found = sorted(row["seconds"] for row in rows)
    if not found:
        raise BenchError("no case was seen")
    return Delay(rate, len(found), found[len(found) // 2], found[min(len(found) - 1, int(len(found) * 0.99))])


@asynccontextmanager
async def processes(bed: Bed, layout: Sequence[Sequence[str]]) -> AsyncIterator[list[Process]]:
    """The services at work, each group in a process of its own; they end with the block, or with this process."""
    settings = bed.settings
    environment = {
        **os.environ, "AFTERCALL_KAFKA": settings.kafka, "AFTERCALL_DATABASE_URL": settings.database_url,
        "AFTERCALL_SECRETS_FILE": str(settings.secrets_file),
    }  # fmt: skip
    started: list[Process] = []
    try:
        for names in layout:
            log = (bed.directory / f"{'-'.join(names)}.log").open("ab")
            command = (sys.executable, "-m", "launcher.bench.worker", *names)
            started.append(
                await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=log, env=environment)
            )
            log.close()
        async with asyncio.timeout(START_SECONDS):
            for process in started:
                await _ready(process)
        yield started
    finally:
        await asyncio.gather(*[_end(process) for process in started])


async def _ready(process: Process) -> None:
    assert process.stdout is not None  # noqa: S101 - asked for above
    if await process.stdout.readline() != b"ready\n":
        raise BenchError("a process of the journey did not start")


async def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(30):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _publish_by_the_clock(bed: Bed, numbers: range, rate: float) -> None:
    producer = await open_producer(bed.settings, CRM, client="bench-crm")
    begun, sent = time.monotonic(), 0
    try:
        while sent < len(numbers):
            due = min(int((time.monotonic() - begun) * rate), len(numbers))
            for number in numbers[sent:due]:
                await producer.send("service-completed", record(number, NOW))
            sent = due
            await asyncio.sleep(0.01)
    finally:
        await producer.stop()


async def _watch_cases(bed: Bed, stop: asyncio.Event) -> dict[str, object]:
    """When each new case was seen first, by response id."""
    connection = await asyncpg.connect(bed.settings.database_url)
    seen: dict[str, object] = {}
    try:
        last = await connection.fetchval("SELECT coalesce(max(position), 0) FROM followup.outbox")
        while True:
            ending = stop.is_set()  # what was there before the word to stop is still looked at
            for row in await connection.fetch(_NEW_CASES, last):
                seen.setdefault(row["response_id"], row["at"])
                last = max(last, row["position"])
            if ending:
                return seen
            await asyncio.sleep(0.01)
    finally:
        await connection.close()


_UNOPENED = """
SELECT EXISTS (SELECT FROM tagging.outbox AS told WHERE told.position > $1 AND told.topic = 'low-score-flagged'
    AND NOT EXISTS (SELECT FROM followup.case_file
        WHERE case_file.response_id = convert_from(told.payload, 'utf8')::json ->> 'response_id'))
"""
_NEW_CASES = """
SELECT case_file.response_id, told.position, clock_timestamp() AS at
FROM followup.outbox AS told
JOIN followup.case_file ON case_file.case_id = convert_from(told.payload, 'utf8')::json ->> 'case_id'
WHERE told.position > $1 AND told.topic = 'case-changed' ORDER BY told.position
"""


def _spent(running: Sequence[Process]) -> float:
    return sum(processor_seconds(process.pid) for process in running)


async def _done(bed: Bed) -> int:
    return int(await bed.owner.fetchval(_DONE))


async def _settled(bed: Bed, running: Sequence[Process]) -> int:
    """How many journeys have ended, once nothing of what was done before is under way."""
    async with asyncio.timeout(PATIENCE):
        while not await bed.owner.fetchval(_SETTLED, await _done(bed)):
            _demand_alive(running)
            await asyncio.sleep(1)
    return await _done(bed)


async def _until_done(bed: Bed, count: int, running: Sequence[Process]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await _done(bed) < count:
            _demand_alive(running)
            await asyncio.sleep(COUNTED_EVERY)


def _demand_alive(running: Sequence[Process]) -> None:
    if any(process.returncode is not None for process in running):
        raise BenchError("a process of the journey has ended; its log says why")


async def _until_opened(bed: Bed, flagged: int) -> None:
    """Every low score flagged after that position has its case: the read model may have been quicker."""
    async with asyncio.timeout(PATIENCE):
        while await bed.owner.fetchval(_UNOPENED, flagged):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(TICK)
