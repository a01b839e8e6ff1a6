"""One row of the fault table: load, fault, recovery, balance."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.balance import balance, drained
from tests.faults.cluster import Cluster
from tests.faults.crm import Crm
from tests.faults.customers import Customers
from tests.faults.intents import Intent, IntentLog
from tests.faults.ledger import ledger_defects
from tests.faults.probe import recovery

BAR_SECONDS = 15.0
LEAD_SECONDS = 20.0
UNDER_WAY = 0.1
"""The fault happens when so much of the row's load has gone the whole way: every service is in the midst of work."""


@dataclass
class Bench:
    """A cluster with its outside world; shared by rows as long as none of them fails."""

    cluster: Cluster
    log: IntentLog
    crm: Crm
    customers: Customers

    async def stop(self) -> None:
        await self.customers.stop()
        await self.crm.stop()


def new_bench(cluster: Cluster, seed: int, log: Path) -> Bench:
    intents = IntentLog(log, seed)
    crm = Crm(cluster, intents)
    customers = Customers(cluster, crm, intents)
    customers.start()
    return Bench(cluster, intents, crm, customers)


@dataclass
class Trial:
    """What a fault gets into its hands. `notes` are told in the table."""

    row: str
    bench: Bench
    notes: list[str]

    @property
    def cluster(self) -> Cluster:
        return self.bench.cluster

    def means(self, number: int, *, repeats: int | None = None) -> list[Intent]:
        return [self.bench.log.mean(self.row, repeats=repeats) for _ in range(number)]

    async def tell(self, intents: list[Intent], *, seconds: float) -> None:
        await self.bench.crm.tell(intents, seconds=seconds)

    def note(self, words: str) -> None:
        self.notes.append(words)


Fault = Callable[[Trial], Awaitable[float]]
"""Does the harm and undoes it; returns the instant (monotonic) at which the fault was over."""


@dataclass(frozen=True)
class Row:
    """`services` are told within `seconds` while the fault happens; `needs_small_disk` cannot run without root."""

    name: str
    what: str
    fault: Fault
    services: int = 200
    seconds: float = 10.0
    is_telling: bool = False
    needs_small_disk: bool = False


@dataclass(frozen=True)
class Outcome:
    row: str
    what: str
    services: int
    lost: int
    twice: int
    recovery: float | None
    said: str
    seconds: float = 0.0
    ran: bool = True

    @property
    def is_sound(self) -> bool:
        """Nothing lost, nothing twice, and it works again. A row that could not be run here is sound."""
        return not self.ran or (self.lost == self.twice == 0 and self.recovery is not None)

    @property
    def passed(self) -> bool:
        """Sound, and again at work within the bar."""
        return self.is_sound and (self.recovery is None or self.recovery < BAR_SECONDS)


async def run_row(row: Row, bench: Bench) -> Outcome:
    """Never raises: whatever goes wrong is the outcome, and the next row has its turn."""
    begun = time.monotonic()
    if row.needs_small_disk and not all(disk.is_small for disk in bench.cluster.disks.values()):
        return Outcome(row.name, row.what, 0, 0, 0, None, "not run: only root can mount a small disk", ran=False)
    trial = Trial(row.name, bench, [])
    try:
        took = await _harmed(row, trial)
        lost, twice, said = await _judged(bench)
    except Exception as failed:
        took, said = None, f"{type(failed).__name__}: {failed}"
        lost, twice = await _counted_anyway(bench)
    if took is None or lost or twice:
        trial.note(f"logs kept in {bench.cluster.keep_logs(row.name)}")
    services = sum(name.startswith(f"F-{row.name}-") for name in bench.log.intents)
    words = "; ".join([*trial.notes, said])
    return Outcome(row.name, row.what, services, lost, twice, took, words, time.monotonic() - begun)


async def _harmed(row: Row, trial: Trial) -> float:
    telling = asyncio.create_task(trial.tell(trial.means(row.services), seconds=row.seconds))
    try:
        await _under_way(trial, row)
        since = await row.fault(trial)
        bench = trial.bench
        took = await recovery(bench.cluster, bench.log, bench.crm, bench.customers, since=since, row=row.name)
        await telling
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
    return took


async def _under_way(trial: Trial, row: Row) -> None:
    """Waits no longer than the lead: a fault is worth something on an idle system too."""
    prefix, wanted = f"F-{row.name}-", row.services * UNDER_WAY
    deadline = time.monotonic() + LEAD_SECONDS
    while wanted and time.monotonic() < deadline:
        if sum(name.startswith(prefix) for name in trial.bench.customers.answered) >= wanted:
            return
        await asyncio.sleep(0.05)


async def _counted_anyway(bench: Bench) -> tuple[int, int]:
    """What is missing and what is there twice when the row was given up; -1 where nobody answers."""
    try:
        found = await balance(bench.cluster, bench.crm.told, bench.customers.answered)
    except Exception:
        return -1, -1
    return found.number_lost, found.number_twice


async def _judged(bench: Bench) -> tuple[int, int, str]:
    found = await drained(bench.cluster, bench.crm.told, bench.customers.answered)
    lost, twice, said = await ledger_defects(bench.cluster.settings)
    return found.number_lost + lost, found.number_twice + twice, "; ".join(filter(None, [found.sentence(), said]))
