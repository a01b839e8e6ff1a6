"""What can happen between a service and its servers."""

import asyncio
import time
from collections.abc import Iterator

from tests.faults.proxy import Proxy
from tests.faults.trial import Row, Trial

LATENCY = 0.1
LASTS_SECONDS = 15.0
HALF_OPEN_SECONDS = 20.0
CUTS_OF_COMMITS = 8


def _proxies(trial: Trial) -> Iterator[Proxy]:
    for doors in trial.cluster.doors.values():
        yield from doors.both


async def latency(trial: Trial) -> float:
    for proxy in _proxies(trial):
        proxy.delay(LATENCY)
    await asyncio.sleep(LASTS_SECONDS)
    for proxy in _proxies(trial):
        proxy.heal()
    return time.monotonic()


async def cut_connections(trial: Trial) -> float:
    """All at once, again and again, in the middle of whatever is under way."""
    cuts = 0
    for _ in range(20):
        cuts += sum(proxy.cut() for proxy in _proxies(trial))
        await asyncio.sleep(trial.bench.log.random.uniform(0.2, 0.8))
    trial.note(f"{cuts // 2} connections cut")
    return time.monotonic()


async def cut_commits(trial: Trial) -> float:
    """At the word COMMIT: in turn it never arrives, or it arrives and the answer does not."""
    scissors = [doors.database.sever(b"COMMIT;", times=CUTS_OF_COMMITS) for doors in trial.cluster.doors.values()]
    await asyncio.sleep(LASTS_SECONDS)
    cuts = sum(one.cuts for one in scissors)
    assert cuts > CUTS_OF_COMMITS, f"only {cuts} commits were cut"
    trial.note(f"{cuts} commits cut")
    for doors in trial.cluster.doors.values():
        doors.database.heal()
    return time.monotonic()


async def half_open_broker(trial: Trial) -> float:
    for doors in trial.cluster.doors.values():
        doors.kafka.swallow()
    await asyncio.sleep(HALF_OPEN_SECONDS)
    for doors in trial.cluster.doors.values():
        doors.kafka.heal()
    return time.monotonic()


async def half_open_database(trial: Trial) -> float:
    for doors in trial.cluster.doors.values():
        doors.database.swallow()
    await asyncio.sleep(HALF_OPEN_SECONDS)
    for doors in trial.cluster.doors.values():
        doors.database.heal()
    return time.monotonic()


ROWS = (
    Row("latency", "100 ms more on every way for 15 s", latency, seconds=14),
    Row("cut-connections", "all connections cut 20 times", cut_connections, seconds=12),
    Row("cut-commits", "connections cut at the commit, before and after it arrives", cut_commits, seconds=14),
    Row("half-open-broker", "half-open connections to the broker for 20 s", half_open_broker),
    Row("half-open-database", "half-open connections to the database for 20 s", half_open_database),
)
