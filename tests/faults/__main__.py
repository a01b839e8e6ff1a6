"""Runs rows of the fault table and prints them; `--table FILE` puts them into the table between the marks of that file.

Rows share one cluster until one of them is unsound; the next one gets a new cluster.
"""

import argparse
import asyncio
import logging
import os
import platform
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.faults.cluster import running_cluster
from tests.faults.rows import ROWS, named
from tests.faults.table import written_into
from tests.faults.trial import Bench, Outcome, Row, new_bench, run_row

Told = Callable[[Outcome], None]


async def run_rows(rows: tuple[Row, ...], seed: int, told: Told, defect: str | None = None) -> list[Outcome]:
    """`told` hears each outcome at once."""
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as outside:
        left = list(rows)
        while left:
            async with AsyncExitStack() as exits:
                cluster = await exits.enter_async_context(running_cluster(defect=defect))
                bench = new_bench(cluster, seed, Path(outside) / f"intents-{len(outcomes)}.jsonl")
                exits.push_async_callback(bench.stop)
                outcomes += await _while_sound(left, bench, told)
    return outcomes


async def _while_sound(left: list[Row], bench: Bench, told: Told) -> list[Outcome]:
    outcomes: list[Outcome] = []
    while left:
        row = left.pop(0)
        print(f"{row.name}: {row.what} ...", flush=True)
        outcomes.append(outcome := await run_row(row, bench))
        told(outcome)
        if not outcome.is_sound:
            break
    return outcomes


def _word(outcome: Outcome) -> str:
    took = "-" if outcome.recovery is None else f"{outcome.recovery:.1f} s"
    verdict = ("passed" if outcome.passed else "FAILED") if outcome.ran else "not run"
    return (
        f"{verdict}: {outcome.services} services, lost {outcome.lost}, twice {outcome.twice}, recovery {took}; "
        f"{outcome.said} ({outcome.seconds:.0f} s)"
    )


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; everything on this one machine. The last column has date, seed and the "
        "load average after the row, which tells what else ran"
    )


def _hears(table: Path | None, seed: int) -> Told:
    def told(outcome: Outcome) -> None:
        print(f"  {_word(outcome)}", flush=True)
        if table:
            run = f"{datetime.now(UTC):%Y-%m-%d}, {seed}, {os.getloadavg()[0]:.0f}"
            written_into(table, [outcome], order=[row.what for row in ROWS], machine=_machine(), run=run)

    return told


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.faults")
    parser.add_argument("rows", nargs="?", default="all")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--table", type=Path)
    parser.add_argument("--defect")
    told = parser.parse_args()
    try:
        rows = named(told.rows)
    except ValueError as error:
        parser.error(str(error))
    print(f"seed {told.seed}", flush=True)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the CRM's own client, which complains of every fault
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(130))  # everything that was started is ended on the way out
    outcomes = asyncio.run(run_rows(rows, told.seed, _hears(told.table, told.seed), told.defect))
    failed = [outcome.row for outcome in outcomes if not outcome.passed]
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed{': ' if failed else ''}{', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
