"""What a stretch of work took: time, processor time of each part, write-ahead log."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from launcher.bench.servers import Bed

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Seconds of the wall clock, and of processors by program; bytes of write-ahead log."""

    seconds: float
    python: float
    postgres: float
    kafka: float
    wal: int


@dataclass(frozen=True)
class Mark:
    """The meters at one instant."""

    at: float
    python: float
    postgres: float
    kafka: float
    wal: int


async def mark(bed: Bed) -> Mark:
    wal: int = await bed.owner.fetchval("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
    postgres, kafka = processor_seconds(bed.postgres.pid), processor_seconds(bed.kafka.pid)
    return Mark(time.monotonic(), time.process_time(), postgres, kafka, wal)


def since(begin: Mark, end: Mark) -> Usage:
    return Usage(
        seconds=end.at - begin.at,
        python=end.python - begin.python,
        postgres=end.postgres - begin.postgres,
        kafka=end.kafka - begin.kafka,
        wal=end.wal - begin.wal,
    )


def resident(pid: int) -> int:
    """Bytes of memory that this process holds now (RSS)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def processor_seconds(pid: int) -> float:
    """Processor seconds of a process, its children that live, and those that have ended."""
    total = 0
    for one in (pid, *_children(pid)):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue  # it ended between two looks; its parent has its time
        total += sum(int(field) for field in fields[11:15])
    return total / _TICKS


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
