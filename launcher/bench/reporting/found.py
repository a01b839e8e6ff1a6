"""What was found about reporting, for programs and for people."""

from dataclasses import asdict, dataclass
from typing import Any

from launcher.bench.form_load import Times

OF_RAW, PAGE_SECONDS, REPORT_SECONDS, REPORT_BYTES = 0.2, 0.2, 10.0, 500_000_000


@dataclass(frozen=True)
class Documents:
    """One month's report as PDF and as Excel, by a process of its own: from its first statement to both files."""

    answers: int
    seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Looks:
    """The overview page of one month beside `stored` responses. `first`: after a start, when nothing is opened yet.

    `quiet`: nothing changes meanwhile; `busy`: `arriving` answers a second come in for the same month.
    """

    stored: int
    rate: float
    first: float
    quiet: Times
    busy: Times
    arriving: float


@dataclass(frozen=True)
class Grouped:
    """Seconds of the same group-by: as one SQL query over open columns, and as a weighted figure with its interval."""

    rows: int
    query: float
    figure: float


@dataclass(frozen=True)
class Reporting:
    """Records a second: the bare loop, the live projection of all topics, the rebuild of the same topics."""

    raw: float
    events: int
    live: float
    rebuilt_events: int
    rebuilt: float
    documents: Documents
    looks: Looks
    grouped: Grouped


def as_json(found: Reporting | None) -> dict[str, Any] | None:
    return None if found is None else asdict(found)


def bars(found: Reporting | None) -> list[tuple[str, str, bool]]:
    if found is None:
        return []
    made, looks = found.documents, found.looks
    told = f"{made.seconds:.1f} s, {made.peak_bytes / 1e6:.0f} MB"
    quick = made.seconds < REPORT_SECONDS and made.peak_bytes < REPORT_BYTES
    return [
        ("projection ≥ 0.2 of the raw loop", f"{found.live / found.raw:.3f}", found.live >= OF_RAW * found.raw),
        ("rebuild ≥ the live projection", f"{found.rebuilt / found.live:.2f} ×", found.rebuilt >= found.live),
        (
            f"overview beside {looks.stored:,} responses, p95 < 200 ms",
            f"{looks.quiet.p95 * 1000:.0f} ms; while answers arrive {looks.busy.p95 * 1000:.0f} ms",
            max(looks.quiet.p95, looks.busy.p95) < PAGE_SECONDS,
        ),
        (f"report of {made.answers:,} responses as PDF and Excel < 10 s, < 500 MB", told, quick),
    ]


def lines(found: Reporting | None) -> list[tuple[str, str]]:
    if found is None:
        return []
    looks, grouped = found.looks, found.grouped
    return [
        ("raw loop beside the projection", f"{found.raw:,.0f}/s"),
        (f"projection of {found.events:,} events of five topics", f"{found.live:,.0f}/s"),
        (f"rebuild from {found.rebuilt_events:,} events into shadow tables", f"{found.rebuilt:,.0f}/s"),
        (
            f"overview at {looks.rate:.0f} requests/s, nothing changes",
            f"p50 {looks.quiet.median * 1000:.0f} ms, p95 {looks.quiet.p95 * 1000:.0f} ms",
        ),
        (
            f"the same while {looks.arriving:.0f} answers/s arrive for the month",
            f"p50 {looks.busy.median * 1000:.0f} ms, p95 {looks.busy.p95 * 1000:.0f} ms",
        ),
        ("the first look after a start", f"{looks.first:.1f} s"),
        (
            f"mean by stratum of one month, one SQL query over {grouped.rows:,} open rows",
            f"{grouped.query * 1000:.0f} ms",
        ),
        ("the weighted figure with its interval, from the opened month", f"{grouped.figure * 1000:.0f} ms"),
    ]
