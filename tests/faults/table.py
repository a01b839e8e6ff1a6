"""The fault table as a person reads it."""

from collections.abc import Sequence
from pathlib import Path

from tests.faults.trial import Outcome

BEGIN = "<!-- fault table: written by aftercall test --faults -->"
END = "<!-- end of the fault table -->"


def table(outcomes: Sequence[Outcome], machine: str) -> str:
    lines = [f"{machine}.", "", "| fault | services | lost | twice | recovery, s | seen |", "|---|--:|--:|--:|--:|---|"]
    return "\n".join([*lines, *map(_line, outcomes), ""])


def written_into(file: Path, outcomes: Sequence[Outcome], machine: str) -> None:
    """Takes the place of what stood between the marks. Raises ValueError when a mark is missing."""
    before, rest = file.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    file.write_text(f"{before}{BEGIN}\n{table(outcomes, machine)}{END}{after}", encoding="utf-8")


def _line(outcome: Outcome) -> str:
    if not outcome.ran:
        return f"| {outcome.what} | | | | | {outcome.said} |"
    took = "never" if outcome.recovery is None else f"{outcome.recovery:.1f}"
    counted = [("?" if n < 0 else str(n)) for n in (outcome.lost, outcome.twice)]
    said = outcome.said.replace("|", "/").replace("\n", " ")
    return f"| {outcome.what} | {outcome.services} | {counted[0]} | {counted[1]} | {took} | {said} |"
