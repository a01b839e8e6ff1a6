"""The fault table as a person reads it; rows that were not run again keep their line."""

from collections.abc import Sequence
from pathlib import Path

from tests.faults.trial import Outcome

BEGIN = "<!-- fault table: written by aftercall test --faults -->"
END = "<!-- end of the fault table -->"
HEAD = ("| fault | services | lost | twice | recovery, s | seen | run |", "|---|--:|--:|--:|--:|---|---|")


def written_into(file: Path, outcomes: Sequence[Outcome], *, order: Sequence[str], machine: str, run: str) -> None:
    """`order`: what each row of the table is called; `run`: when, seed and load. Raises ValueError without marks."""
    before, rest = file.read_text(encoding="utf-8").split(BEGIN)
    old, after = rest.split(END)
    lines = {name: line for line in old.splitlines() if (name := _name(line)) in order}
    lines |= {outcome.what: _line(outcome, run) for outcome in outcomes}
    table = "\n".join([*HEAD, *(lines[name] for name in order if name in lines)])
    file.write_text(f"{before}{BEGIN}\n{machine}.\n\n{table}\n{END}{after}", encoding="utf-8")


def _name(line: str) -> str:
    return line.split("|")[1].strip() if line.startswith("|") else ""


def _line(outcome: Outcome, run: str) -> str:
    said = outcome.said.replace("|", "/").replace("\n", " ")
    if not outcome.ran:
        return f"| {outcome.what} | | | | | {said} | {run} |"
    took = "never" if outcome.recovery is None else f"{outcome.recovery:.1f}"
    counted = [("?" if n < 0 else str(n)) for n in (outcome.lost, outcome.twice)]
    return f"| {outcome.what} | {outcome.services} | {counted[0]} | {counted[1]} | {took} | {said} | {run} |"
