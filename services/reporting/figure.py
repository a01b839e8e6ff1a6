"""The one small type of every number in a report: value, interval or why there is none, n, and what it opens."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.reporting.figures import FigureKind
from services.reporting.limits import Side, Verdict


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Refusal(StrEnum):
    """Why a figure has no interval, or nothing at all."""

    NO_ANSWER = "no_answer"
    TOO_FEW = "too_few"
    """Fewer answers than the minimum n."""
    NO_SPREAD = "no_spread"
    """One answer per stratum: nothing tells how far they vary."""
    SUPPRESSED = "suppressed"
    """A cell below k, or one that would give such a cell away; nothing of it is told."""


class Filters(Part):
    """What a figure is restricted to; empty: everything. The same names are query parameters of pages and API."""

    scenario: str | None = None
    service_type: str | None = None
    team: str | None = None
    agent: str | None = None
    product: str | None = None
    region: str | None = None
    channel: str | None = None
    stratum: str | None = None
    problem: str | None = None
    level: str | None = None
    purchases: str | None = None
    """A key of `parts.PURCHASES`."""
    mode: str | None = None
    """A key of `parts.MODES`."""
    quality: str | None = None
    """A key of `parts.QUALITY`."""

    def query(self) -> dict[str, str]:
        return {name: value for name, value in self.model_dump().items() if value is not None}


class Drill(Part):
    """What a number opens: the responses of `selection` (a key of `listing.SELECTIONS`) under `filters`."""

    selection: str
    filters: Filters = Filters()


class Figure(Part):
    """One weighted estimate. `low` and `high` are null when `refused` says why."""

    kind: FigureKind
    estimate: float | None
    low: float | None
    high: float | None
    n: int | None
    """Answers; null only when suppressed."""
    effective_n: float | None
    deff: float | None
    se: float | None
    enough: bool
    """True: there is an interval."""
    refused: Refusal | None
    raw: float | None
    """The unweighted mean of the same answers."""
    target: float | None
    good: Side | None
    verdict: Verdict | None
    drill: Drill


class Ratio(Part):
    """x of N over everything known; no interval belongs to it."""

    count: int | None
    of: int | None
    value: float | None


def ratio(count: int, of: int) -> Ratio:
    """Without a value where there is nothing to divide by."""
    return Ratio(count=count, of=of, value=count / of if of else None)
