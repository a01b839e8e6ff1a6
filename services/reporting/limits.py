"""Targets of the figures, read from dated rows, and the verdict of an interval against its target."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

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


class Baseline(BaseModel):
    """A value that was frozen: what later periods are measured against."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str
    since: date
    value: float


class StepLimit(BaseModel):
    """How long one step of the work may take."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    since: date
    minutes: float


class ReferenceMix(BaseModel):
    """Shares of the channels that the trend is standardised to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: date
    shares: dict[str, float]


@dataclass(frozen=True)
class Limits:
    """`k`: cells with fewer answers are suppressed for roles without case access."""

    minimum_n: int
    k: int
    targets: tuple[Target, ...]
    baselines: tuple[Baseline, ...] = ()
    steps: tuple[StepLimit, ...] = ()
    mixes: tuple[ReferenceMix, ...] = ()

    def target(self, figure: str, day: date) -> Target | None:
        """The newest row of the figure that held on the first day of the period."""
        return _newest([t for t in self.targets if t.figure == figure], day)

    def baseline(self, figure: str, day: date) -> float | None:
        found = _newest([b for b in self.baselines if b.figure == figure], day)
        return found.value if found else None

    def step(self, step: str, day: date) -> float | None:
        """Seconds."""
        found = _newest([s for s in self.steps if s.step == step], day)
        return found.minutes * 60 if found else None

    def mix(self, day: date) -> dict[str, float]:
        found = _newest(self.mixes, day)
        return found.shares if found else {}


FILE = Path(__file__).with_name("limits.toml")


def read_limits(file: Path = FILE) -> Limits:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return Limits(
        minimum_n=int(content["minimum_n"]),
        k=int(content["k"]),
        targets=tuple(Target.model_validate(row) for row in content.get("target", ())),
        baselines=tuple(Baseline.model_validate(row) for row in content.get("baseline", ())),
        steps=tuple(StepLimit.model_validate(row) for row in content.get("step", ())),
        mixes=tuple(ReferenceMix.model_validate(row) for row in content.get("reference_mix", ())),
    )


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


class _Dated(Protocol):
    @property
    def since(self) -> date: ...


_Row = TypeVar("_Row", bound=_Dated)


def _newest(rows: Sequence[_Row], day: date) -> _Row | None:
    return max((row for row in rows if row.since <= day), key=lambda row: row.since, default=None)
