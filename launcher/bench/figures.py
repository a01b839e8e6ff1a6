"""What a run has found: values for programs, and the table for people."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from launcher.bench import pages, scheduling
from launcher.bench.journey import Delay, Journeys
from launcher.bench.pages import Pages
from launcher.bench.plans import Plans
from launcher.bench.queue_rival import Rival
from launcher.bench.release import Lateness, Released
from launcher.bench.reporting import found as of_reporting
from launcher.bench.reporting.found import Reporting
from launcher.bench.stage import Hop
from launcher.bench.texts import BAR, Texts
from launcher.bench.texts import lines as lines_of_texts

HOP_OF_RAW, HOP_OF_USUAL, JOURNEYS_A_SECOND, CASE_SECONDS, IDLE_BYTES = 0.2, 10.0, 400.0, 1.0, 400_000_000


@dataclass(frozen=True)
class Row:
    """One hop over all rounds: medians. `of_raw`, `of_usual`: against the yardsticks of the same round."""

    name: str
    records: int
    rate: float
    of_raw: float
    of_usual: float
    python_us: float
    postgres_us: float
    wal_bytes: float


@dataclass
class Findings:
    """Lists hold one entry a round. What was not asked for stays empty."""

    raw: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)
    hops: list[list[Hop]] = field(default_factory=list)
    journeys: list[Journeys] = field(default_factory=list)
    delay: Delay | None = None
    growth: list[tuple[int, Hop]] = field(default_factory=list)
    releases: list[Released] = field(default_factory=list)
    rivals: list[Rival] = field(default_factory=list)
    lateness: Lateness | None = None
    plans: Plans | None = None
    texts: Texts | None = None
    pages: Pages | None = None
    idle_bytes: int | None = None
    reporting: Reporting | None = None

    def rows(self) -> list[Row]:
        names = [hop.name for hop in self.hops[0]] if self.hops else []
        return [self._row(name) for name in names]

    def _row(self, name: str) -> Row:
        found = [(r, hop) for r, hops in enumerate(self.hops) for hop in hops if hop.name == name]
        hops = [hop for _, hop in found]
        return Row(
            name=name,
            records=sum(hop.records for hop in hops),
            rate=median(hop.rate for hop in hops),
            of_raw=median(hop.rate / self.raw[r] for r, hop in found),
            of_usual=median(hop.rate / self.usual[r] for r, hop in found),
            python_us=median(hop.usage.python / hop.records for hop in hops) * 1e6,
            postgres_us=median(hop.usage.postgres / hop.records for hop in hops) * 1e6,
            wal_bytes=median(hop.usage.wal / hop.records for hop in hops),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "machine": machine(),
            "raw_per_second": self.raw,
            "usual_per_second": self.usual,
            "hops": [asdict(row) for row in self.rows()],
            "journeys": [{**asdict(j), "per_second": j.rate, "processor_ms": j.processor_ms} for j in self.journeys],
            "case_visible": None if self.delay is None else asdict(self.delay),
            "growth": [{"rows": rows, "per_second": hop.rate, **asdict(hop)} for rows, hop in self.growth],
            **scheduling.as_json(self.releases, self.rivals, self.lateness, self.plans),
            "texts": None if self.texts is None else {**asdict(self.texts), "of_scan": self.texts.of_scan},
            "pages": None if self.pages is None else asdict(self.pages),
            "idle_bytes": self.idle_bytes,
            "reporting": of_reporting.as_json(self.reporting),
        }

    def bars(self) -> list[tuple[str, str, bool]]:
        """Name, what was found, whether the bar is passed."""
        rows = [row for row in self.rows() if "→" in row.name]
        found: list[tuple[str, str, bool]] = []
        if rows:
            slow, short = min(rows, key=lambda r: r.of_raw), min(rows, key=lambda r: r.of_usual)
            found.append(
                ("every hop ≥ 0.2 of the raw loop", f"{slow.of_raw:.3f} ({slow.name})", slow.of_raw >= HOP_OF_RAW)
            )
            told = f"{short.of_usual:.1f} × ({short.name})"
            found.append(("every hop ≥ 10 × the usual way", told, short.of_usual >= HOP_OF_USUAL))
        if self.journeys:
            best = max(self.journeys, key=lambda j: j.rate)
            told = f"{best.rate:.0f}/s in {best.processes} processes"
            found.append(("whole journey ≥ 400/s", told, best.rate >= JOURNEYS_A_SECOND))
        if self.delay is not None:
            told = f"{self.delay.p99 * 1000:.0f} ms"
            found.append(("response-recorded → case visible, p99 < 1 s", told, self.delay.p99 < CASE_SECONDS))
        found += scheduling.bars(self.releases, self.lateness, self.plans)
        if self.texts is not None:
            told = f"{self.texts.responses:,.0f}/s"
            found.append(("tagging ≥ 20,000 responses/s a core", told, self.texts.responses >= BAR))
        found += pages.bars(self.pages)
        if self.idle_bytes is not None:
            told = f"{self.idle_bytes / 1e6:.0f} MB"
            found.append(("idle memory of the one process < 400 MB", told, self.idle_bytes < IDLE_BYTES))
        return found + of_reporting.bars(self.reporting)


def machine() -> dict[str, Any]:
    """What the figures hold for. The load average tells whether others worked on it meanwhile."""
    return {
        "processor": _line("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": _line("/proc/meminfo", "MemTotal"),
        "python": platform.python_version(),
        "load_average": [round(one, 1) for one in os.getloadavg()],
    }


def _line(file: str, name: str) -> str:
    lines = Path(file).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def markdown(findings: Findings) -> str:
    parts = [_machine_table(), _bars(findings), _yardsticks(findings), _hops(findings.rows()), _rest(findings)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _machine_table() -> str:
    return _table(("machine", ""), [(name.replace("_", " "), str(value)) for name, value in machine().items()])


def _bars(findings: Findings) -> str:
    rows = [(name, found, "yes" if passed else "**no**") for name, found, passed in findings.bars()]
    return _table(("bar", "found", "passed"), rows) if rows else ""


def _yardsticks(findings: Findings) -> str:
    if not findings.raw:
        return ""
    rows = [
        ("raw loop, records/s", f"{median(findings.raw):,.0f}", ", ".join(f"{one:,.0f}" for one in findings.raw)),
        ("usual way, records/s", f"{median(findings.usual):,.0f}", ", ".join(f"{one:,.0f}" for one in findings.usual)),
    ]
    return _table(("yardstick", "median", "rounds"), rows)


def _hops(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    head = ("hop", "records/s", "of raw", "× usual", "Python µs", "PostgreSQL µs", "log bytes")
    body = [
        (r.name, f"{r.rate:,.0f}", f"{r.of_raw:.2f}", f"{r.of_usual:.0f}", f"{r.python_us:.0f}", f"{r.postgres_us:.0f}",
         f"{r.wal_bytes:,.0f}")
        for r in rows
    ]  # fmt: skip
    return _table(head, body)


def _rest(findings: Findings) -> str:
    rows = [
        (
            f"whole journey, {j.processes} process{'es' if j.processes > 1 else ''}",
            f"{j.rate:.0f}/s ({j.journeys} journeys)",
        )
        for j in findings.journeys
    ]
    if (delay := findings.delay) is not None:
        words = f"p50 {delay.median * 1000:.0f} ms, p99 {delay.p99 * 1000:.0f} ms ({delay.cases} cases)"
        rows.append((f"response-recorded → case visible at {delay.rate:.0f} documents/s", words))
    rows += [(f"{hop.name} beside {stored:,} rows", f"{hop.rate:,.0f}/s") for stored, hop in findings.growth]
    rows += scheduling.lines(findings.releases, findings.rivals, findings.lateness, findings.plans)
    rows += lines_of_texts(findings.texts)
    rows += pages.lines(findings.pages)
    rows += of_reporting.lines(findings.reporting)
    if findings.idle_bytes is not None:
        rows.append(("idle memory of `aftercall up`", f"{findings.idle_bytes / 1e6:.0f} MB"))
    return _table(("also", "found"), rows) if rows else ""
