"""`aftercall verify`: the verdict as a table or as JSON."""

import json
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from launcher.addresses import settings_of
from launcher.terminal import say
from launcher.verify import verify
from launcher.verify.verdict import Check, Verdict

COLUMNS = ("looked at", "in flight", "oldest", "duplicates", "lost", "twice", "wrong")


async def run(data: Path | None, *, as_json: bool) -> bool:
    """True when nothing is lost, twice or wrong."""
    verdict = await verify(settings_of(data))
    if as_json:
        say(json.dumps(verdict.as_json(), indent=2))
    else:
        show(verdict)
    return verdict.clean


def show(verdict: Verdict) -> None:
    """Checks that had nothing to look at are left out."""
    table = Table("check", box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for check in verdict.checks:
        if check.looked_at or check.in_flight or not check.clean:
            table.add_row(*_cells(check), style=None if check.clean else "bold red")
    console = Console(width=None if Console().is_terminal else 120)
    console.print(table)
    for line in (*_aside(verdict.checks), *_defects(verdict)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(_sentence(verdict), markup=False, highlight=False, soft_wrap=True)


def _cells(check: Check) -> tuple[str, ...]:
    oldest = f"{check.oldest_seconds:.1f} s" if check.in_flight else ""
    counts = (check.duplicates, check.lost, check.twice, check.wrong)
    return check.name, str(check.looked_at), str(check.in_flight), oldest, *(str(count) for count in counts)


def _aside(checks: Iterable[Check]) -> list[str]:
    return [f"{check.name}: {number} {name}" for check in checks for name, number in check.set_aside.items()]


def _defects(verdict: Verdict) -> list[str]:
    return [f"{d.kind.upper()} {d.service} {d.place} {d.subject}: {d.sentence}" for d in verdict.defects]


def _sentence(verdict: Verdict) -> str:
    if verdict.clean:
        return f"Clean: 0 lost, 0 twice, 0 wrong; {verdict.in_flight} in flight, {verdict.duplicates} duplicates."
    return (
        f"NOT clean: {verdict.lost} lost, {verdict.twice} twice, {verdict.wrong} wrong; "
        f"{verdict.in_flight} in flight, {verdict.duplicates} duplicates."
    )
