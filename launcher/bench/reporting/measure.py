"""Everything about reporting in one run: the projection, its rebuild, the page, the documents, the plain query."""

import asyncio
import itertools
import json
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from zoneinfo import ZoneInfo

from chassis.runtime import open_runtime
from launcher.bench.raw import raw_loop
from launcher.bench.reporting.found import Documents, Grouped, Reporting
from launcher.bench.reporting.looks import looks
from launcher.bench.reporting.months import InventedMonth
from launcher.bench.reporting.stored import fill, grouped, open_answers
from launcher.bench.reporting.told import tell
from launcher.bench.servers import Bed
from launcher.bench.stage import BenchError, Stages
from launcher.terminal import say
from launcher.verify.auditor import auditing
from launcher.verify.readmodel import rebuild
from launcher.verify.watermark import watermark
from services.reporting.calendar import period_of
from services.reporting.composing.content import figures_of
from services.reporting.months import LIMITS
from services.reporting.reports import span_of

MONTHS = ("2026-09", "2026-08", "2026-07", "2026-06")
"""Told over the topics; the first is reported and looked at."""
_TOPICS = (
    "sampling-period-closed", "service-accepted", "attempt-closed", "response-recorded", "response-tagged",
    "callback-closed",
)  # fmt: skip
TIMES = 5


@dataclass(frozen=True)
class Amounts:
    """`month`: responses of each month; `stored`: of all, with the copies; `rate`: of looks a second."""

    raw: int
    month: int
    stored: int
    rate: float
    seconds: float
    arriving: float = 2.0


async def reporting(stages: Stages, sizes: Amounts) -> Reporting:
    bed = stages.bed
    raw = await raw_loop(bed, sizes.raw)
    say(f"reporting: {len(MONTHS)} months of {sizes.month:,} responses are told …")
    months = await _months(bed)
    for month in months:
        await tell(bed, month.events(range(sizes.month)))
        await tell(bed, [month.closing(sizes.month)])
    say("reporting: projection …")
    hops = [hop for topic in _TOPICS if (hop := await stages.hop("reporting", topic))]
    events, seconds = sum(hop.records for hop in hops), sum(hop.usage.seconds for hop in hops)
    say("reporting: rebuild …")
    rebuilt_events, took = await _rebuilt(bed)
    say(f"reporting: {sizes.stored:,} responses …")
    stored = await fill(bed, MONTHS[0], sizes.stored)
    say("reporting: what has ended is published …")
    await stages.work("reporting", "reports")
    say("reporting: PDF and Excel …")
    documents = await _documents(bed)
    say("reporting: the same group-by as one query …")
    compared = await _grouped(bed)
    say("reporting: the overview …")
    fresh = itertools.count(sizes.month)
    looked = await looks(
        bed, months[0], fresh, stored=stored, rate=sizes.rate, seconds=sizes.seconds, arriving=sizes.arriving
    )
    return Reporting(
        raw, events, events / seconds, rebuilt_events, rebuilt_events / took, documents, looked, compared
    )  # fmt: skip


async def _months(bed: Bed) -> list[InventedMonth]:
    runtime = await open_runtime(bed.service("reporting"), bed.settings)
    try:
        keys = await runtime.vault.keyring(facts=MONTHS)
    finally:
        await runtime.close()
    return [InventedMonth(period, keys) for period in MONTHS]


async def _rebuilt(bed: Bed) -> tuple[int, float]:
    """Events read again, and seconds; the comparison of both sides is not in it."""
    service = bed.service("reporting")
    async with auditing(bed.settings) as auditor:
        mark = await watermark(auditor)
        spans = [mark.topics[subscription.model.topic] for subscription in service.subscriptions]
        begun = time.monotonic()
        await rebuild(auditor, mark, service)
        took = time.monotonic() - begun
    return sum(sum(span.ends.values()) - sum(span.firsts.values()) for span in spans), took


async def _documents(bed: Bed) -> Documents:
    environment = {
        **os.environ, "AFTERCALL_KAFKA": bed.settings.kafka, "AFTERCALL_DATABASE_URL": bed.settings.database_url,
        "AFTERCALL_SECRETS_FILE": str(bed.settings.secrets_file),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launcher.bench.reporting.document", MONTHS[0], str(bed.directory),
        stdout=PIPE, stderr=PIPE, env=environment,
    )  # fmt: skip
    said, complaint = await process.communicate()
    if process.returncode:
        raise BenchError(f"no report was written: {complaint.decode()[-400:]}")
    return Documents(**json.loads(said))


async def _grouped(bed: Bed) -> Grouped:
    rows = await open_answers(bed)
    runtime = await open_runtime(bed.service("reporting"), bed.settings)
    try:
        span = await span_of(runtime, period_of(MONTHS[0], ZoneInfo(bed.settings.operator_zone)))
    finally:
        await runtime.close()

    async def figure() -> None:
        figures_of(span, LIMITS).figure("overall")

    query = await _usual(lambda: grouped(bed, MONTHS[0]))
    return Grouped(rows, query, await _usual(figure))


async def _usual(work: Callable[[], Awaitable[object]]) -> float:
    """Median seconds of a few runs."""
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await work()
        took.append(time.perf_counter() - begun)
    return median(took)
