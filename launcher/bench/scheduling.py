"""What was found about releases and plans, for programs and for people."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from launcher.bench.plans import Plans
from launcher.bench.queue_rival import Rival
from launcher.bench.release import Lateness, Released

RELEASES_A_SECOND, LATE_SECONDS, PLANS_A_SECOND = 20_000.0, 1.0, 20_000.0


def as_json(
    releases: Sequence[Released], rivals: Sequence[Rival], lateness: Lateness | None, plans: Plans | None
) -> dict[str, Any]:
    return {
        "releases": [{**asdict(one), "per_second": one.rate} for one in releases],
        "pgqueuer": [{**asdict(one), "per_second": one.rate} for one in rivals],
        "lateness": None if lateness is None else asdict(lateness),
        "plans": None if plans is None else {**asdict(plans), "per_second": plans.rate},
    }


def bars(releases: Sequence[Released], lateness: Lateness | None, plans: Plans | None) -> list[tuple[str, str, bool]]:
    found: list[tuple[str, str, bool]] = []
    if releases:
        slow = min(releases, key=lambda one: one.rate)
        told = f"{slow.rate:,.0f}/s of {slow.pending:,} pending"
        found.append(("claim and release ≥ 20,000/s", told, slow.rate >= RELEASES_A_SECOND))
    if lateness is not None:
        told = f"{lateness.p99 * 1000:.0f} ms"
        found.append((f"lateness at {lateness.rate:,}/s, p99 < 1 s", told, lateness.p99 < LATE_SECONDS))
    if plans is not None:
        found.append(("planner ≥ 20,000 plans/s a core", f"{plans.rate:,.0f}/s", plans.rate >= PLANS_A_SECOND))
    return found


def lines(
    releases: Sequence[Released], rivals: Sequence[Rival], lateness: Lateness | None, plans: Plans | None
) -> list[tuple[str, str]]:
    found = [
        (
            f"claim and release of {one.count:,} due of {one.pending:,} pending",
            f"{one.rate:,.0f}/s ({one.usage.python / one.count * 1e6:.0f} µs Python, "
            f"{one.usage.postgres / one.count * 1e6:.0f} µs PostgreSQL each)",
        )
        for one in releases
    ]
    found += [(f"the same on pgqueuer, {one.pending:,} pending", f"{one.rate:,.0f}/s") for one in rivals]
    if lateness is not None:
        words = f"p50 {lateness.median * 1000:.0f} ms, p99 {lateness.p99 * 1000:.0f} ms ({lateness.count:,} callbacks)"
        found.append((f"due → released at {lateness.rate:,}/s beside {lateness.pending:,} pending", words))
    if plans is not None:
        found.append(("plans a second of processor time", f"{plans.rate:,.0f}/s ({plans.count:,} plans)"))
    return found
