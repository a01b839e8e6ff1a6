"""Targets of the figures, read from dated rows, and the verdict of an interval against its target."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """ "Undecided" is an answer too: the target lies inside the interval."""

    MET = "met"
    MISSED = "missed"
    UNDECIDED = "undecided"


class Side(StrEnum):
    HIGH = "high"
    LOW = "low"


class Target(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str
    since: date
    value: float
    good: Side


@dataclass(frozen=True)
class Limits:
    minimum_n: int
    targets: tuple[Target, ...]

    def target(self, figure: str, period: str) -> Target | None:
        """The newest row of the figure that held on the first day of the period."""
        return _newest([t for t in self.targets if t.figure == figure], date.fromisoformat(f"{period}-01"))


FILE = Path(__file__).with_name("limits.toml")


def read_limits(file: Path = FILE) -> Limits:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return Limits(int(content["minimum_n"]), tuple(Target.model_validate(row) for row in content["target"]))


def verdict(low: float | None, high: float | None, target: Target | None) -> Verdict | None:
    """Met or missed only when the whole interval lies on one side. None without a target or an interval."""
    if target is None or low is None or high is None:
        return None
    above, below = low >= target.value, high <= target.value
    if target.good is Side.LOW:
        above, below = below, above
    if above:
        return Verdict.MET
    return Verdict.MISSED if below else Verdict.UNDECIDED


def _newest(rows: Sequence[Target], day: date) -> Target | None:
    return max((row for row in rows if row.since <= day), key=lambda row: row.since, default=None)
