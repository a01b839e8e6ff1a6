"""`aftercall bench`: everything in one run on one machine, yardsticks and hops by turns."""

import json
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from launcher.bench import raw
from launcher.bench.figures import Findings, markdown
from launcher.bench.growth import grow
from launcher.bench.hops import measured, prepared
from launcher.bench.journey import FIVE, ONE, TWO, delays, journeys
from launcher.bench.memory import idle_memory
from launcher.bench.pages import needed, pages
from launcher.bench.plans import plans
from launcher.bench.queue_rival import Queue, installed
from launcher.bench.release import Releases
from launcher.bench.reporting.measure import Amounts, reporting
from launcher.bench.servers import Bed, measuring_bed
from launcher.bench.stage import Stages
from launcher.bench.texts import texts
from launcher.terminal import say

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
_BETWEEN = re.compile(r"(?s)(<!-- measured: begin -->\n).*(<!-- measured: end -->)")

FEWEST_DOCUMENTS = 10
"""Every fifth customer is dissatisfied: so many leave cases to be timed on the slowest machine."""


class Part(StrEnum):
    hops = "hops"
    journey = "journey"
    latency = "latency"
    growth = "growth"
    release = "release"
    planner = "planner"
    texts = "texts"
    pages = "pages"
    memory = "memory"
    reporting = "reporting"


MUCH = Amounts(raw=60_000, month=50_000, stored=1_000_000, rate=5.0, seconds=30.0)


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rounds: int = 3
    raw: int = 60_000
    usual: int = 300
    hop: int = 6_000
    journeys: int = 6_000
    latency_seconds: float = 20.0
    growth: tuple[int, ...] = (10_000, 1_000_000)
    pending: tuple[int, ...] = (10_000, 1_000_000)
    released: int = 10_000
    late_rate: int = 1_000
    late_seconds: float = 20.0
    plans: int = 100_000
    texts: int = 20_000
    page_rate: int = 200
    page_seconds: float = 20.0
    settle: float = 20.0
    reporting: Amounts = MUCH


QUICK = Sizes(
    rounds=1, raw=5_000, usual=50, hop=400, journeys=300, latency_seconds=3, growth=(500, 2_000), settle=1,
    pending=(1_000, 3_000), released=1_000, late_rate=100, late_seconds=2, plans=2_000, texts=500,
    page_rate=20, page_seconds=3, reporting=Amounts(raw=5_000, month=100, stored=1_000, rate=5.0, seconds=4.0),
)  # fmt: skip


async def bench(*, only: Part | None, sizes: Sizes) -> Findings:
    """Measures what is asked for, one part after another."""
    wanted = set(Part) if only is None else {only}
    findings = Findings()
    if Part.memory in wanted:
        say("idle memory …")
        findings.idle_bytes = await idle_memory(sizes.settle)
    if Part.planner in wanted:
        say("plans …")
        findings.plans = plans(sizes.plans)
    if Part.texts in wanted:
        say("texts …")
        findings.texts = texts(sizes.texts)
    if wanted - {Part.memory, Part.planner, Part.texts}:
        async with measuring_bed() as bed:
            await _measure(bed, wanted, sizes, findings)
    return findings


def publish(findings: Findings, *, file: Path | None, write: bool) -> None:
    """Says the table, and writes figures and table where it was asked for."""
    table = markdown(findings)
    say(table)
    if file is not None:
        file.write_text(json.dumps(findings.as_json(), indent=2) + "\n")
    if write:
        page = PAGE.read_text()
        PAGE.write_text(_BETWEEN.sub(lambda found: f"{found[1]}\n{table}\n{found[2]}", page))


async def _measure(bed: Bed, wanted: set[Part], sizes: Sizes, findings: Findings) -> None:
    stages, numbers = Stages(bed), _Numbers()
    if Part.hops in wanted:
        for number in range(sizes.rounds):
            say(f"hops, round {number + 1} of {sizes.rounds} …")
            findings.raw.append(await raw.raw_loop(bed, sizes.raw))
            findings.usual.append(await raw.usual_way(bed, sizes.usual))
            findings.hops.append(await measured(stages, numbers.next(sizes.hop)))
    # before the parts that fill tables with what nobody will ever answer
    if wanted & {Part.journey, Part.latency}:
        await _journeys(bed, wanted, numbers, sizes, findings)
        await stages.others_have_read()
    if Part.growth in wanted:
        await _growth(stages, numbers, sizes, findings)
    if Part.pages in wanted:
        say(f"pages at {sizes.page_rate} requests a second …")
        customers = numbers.next(needed(sizes.page_rate, sizes.page_seconds))
        findings.pages = await pages(stages, customers, sizes.page_rate, sizes.page_seconds)
    if Part.release in wanted:
        await _releases(stages, numbers, sizes, findings)
    if Part.reporting in wanted:
        findings.reporting = await reporting(stages, sizes.reporting)


async def _growth(stages: Stages, numbers: "_Numbers", sizes: Sizes, findings: Findings) -> None:
    for rows in sizes.growth:
        say(f"growth, {rows:,} rows …")
        await prepared(stages, numbers.next(sizes.hop))
        held = await grow(stages.bed, rows)
        hop = await stages.hop("tagging", "response-recorded")
        if hop is not None:
            findings.growth.append((held, replace(hop)))


async def _releases(stages: Stages, numbers: "_Numbers", sizes: Sizes, findings: Findings) -> None:
    releases, rival = Releases(stages), Queue(stages.bed)
    await releases.prepare(numbers.next(1).start)
    for pending in sizes.pending:
        say(f"releases, {pending:,} pending …")
        findings.releases.append(await releases.released(pending, sizes.released))
        if installed():
            say(f"the same on pgqueuer, {pending:,} pending …")
            findings.rivals.append(await rival.released(pending, sizes.released))
    say(f"lateness of {sizes.late_rate:,} releases a second …")
    findings.lateness = await releases.lateness(sizes.pending[-1], sizes.late_rate, sizes.late_seconds)


async def _journeys(bed: Bed, wanted: set[Part], numbers: "_Numbers", sizes: Sizes, findings: Findings) -> None:
    for layout in (ONE, TWO, FIVE) if Part.journey in wanted else (ONE,):
        say(f"whole journeys in {len(layout)} processes …")
        findings.journeys.append(await journeys(bed, numbers.next(sizes.journeys), layout))
    if Part.latency in wanted:
        half = findings.journeys[0].rate / 2
        say(f"latency at {half:.0f} documents a second …")
        documents = max(FEWEST_DOCUMENTS, int(half * sizes.latency_seconds))
        findings.delay = await delays(bed, numbers.next(documents), ONE, rate=half)


class _Numbers:
    """Every customer of a run has a number of their own."""

    def __init__(self) -> None:
        self._next = 0

    def next(self, count: int) -> range:
        begun, self._next = self._next, self._next + count
        return range(begun, self._next)
