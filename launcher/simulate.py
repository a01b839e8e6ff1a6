"""A changed policy on the services of the past: read, replayed, told; nothing is touched."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chassis.runtime import open_runtime
from launcher.addresses import settings_of
from launcher.catalog import load_services
from launcher.faults import StartError
from launcher.terminal import complain, say
from services.scheduler.handlers.replaying import NothingToReplay, past_of
from services.scheduler.pages.simulated import document
from services.scheduler.policy_files import PolicyError
from services.scheduler.rules import Rules
from services.scheduler.simulate import figures
from services.scheduler.simulate.comparison import Comparison, compare
from services.scheduler.simulate.figures import Pair
from services.scheduler.simulate.proposal import proposed_rules
from services.scheduler.simulate.regimes import Proposed

SHOWN = 20
MODE = 0o600


async def simulate(
    policy: Path, first: str, last: str, *, seed: int, score_sd: float, json_file: Path | None, chart: Path | None,
    data: Path | None,
) -> None:  # fmt: skip
    """Prints the comparison, and writes it where files are named. Every refusal is one sentence."""
    begins, ends = _day(first, "--from"), _day(last, "--to")
    if ends < begins:
        raise StartError(f"--from {first} lies after --to {last}: both days belong to the span.")
    (service,) = load_services(["scheduler"])
    runtime = await open_runtime(service, settings_of(data))
    try:
        past = await past_of(runtime, begins, ends)
        rules = proposed_rules(policy, past.rules)
    except (NothingToReplay, PolicyError) as error:
        raise StartError(str(error)) from None
    finally:
        await runtime.close()
    found = compare(past.history, past.as_it_was, Proposed(rules, past.as_it_was.named), seed=seed, score_sd=score_sd)
    _tell(found, past.rules, rules)
    if json_file is not None:
        _write(json_file, json.dumps(figures.as_json(found), ensure_ascii=False, indent=1) + "\n")
    if chart is not None:
        _write(chart, document(found, first=begins, last=ends, zone=rules.operator_zone))


def _write(file: Path, text: str) -> None:
    """Figures and counts only; differences name services, so the file is for its owner."""
    file.touch(mode=MODE)
    file.write_text(text, encoding="utf-8")


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise StartError(f"{option} {text} is no day: write it as 2026-10-01.") from None


def _tell(found: Comparison, in_force: Rules, proposed: Rules) -> None:
    before, after = found.before, found.after
    say(f"{found.services} services, policy {in_force.policies.version} → {proposed.policies.version}")
    say(f"outcomes that did not happen: {after.drawn} drawn from observed ones, seed {found.seed}")
    _reproduction(found)
    _table("", [
        Pair("in the frame", before.frame, after.frame), Pair("selected", before.selected, after.selected),
        Pair("calls", before.calls, after.calls), Pair("messages", before.messages, after.messages),
        Pair("calls that still wait", before.waiting, after.waiting),
        Pair("hours over capacity", before.hours_over, after.hours_over),
        Pair("missed windows", sum(before.missed.values()), sum(after.missed.values())),
    ])  # fmt: skip
    _table("missed windows", figures.missed(found))
    zone = proposed.operator_zone
    for load in figures.skill_loads(found, zone):
        _table(f"{load.skill}: busiest calls per hour", load.hours, limit="capacity")
    widths = figures.widths(found)
    _table(f"± of a mean score (95 %, assumed sd {found.score_sd})", [one.mean for one in widths], digits=3)
    _table("± of a share of 50 % (95 %)", [one.share for one in widths], digits=3)
    say(f"{found.newly_selected} drawn anew, {found.no_longer_selected} no longer, {len(found.changed)} otherwise")


def _reproduction(found: Comparison) -> None:
    """The proof that the rest can be trusted."""
    say(f"actual schedule: {found.plans} plans computed again, {len(found.differences)} differences")
    for one in found.differences[:SHOWN]:
        complain(f"{one.service_id} {one.at:%Y-%m-%d %H:%M} {one.what}: {one.stored} stored, {one.replayed} computed")


def _table(title: str, pairs: Sequence[Pair], *, limit: str | None = None, digits: int = 0) -> None:
    table = Table(title=title or None, title_justify="left")
    table.add_column("")
    for name in ("as it was", "proposed", *([limit] if limit else ())):
        table.add_column(name, justify="right")
    for pair in pairs:
        values = (pair.before, pair.after, *([pair.limit] if limit else ()))
        table.add_row(pair.label, *("–" if value is None else f"{value:,.{digits}f}" for value in values))
    Console(width=100).print(table)
