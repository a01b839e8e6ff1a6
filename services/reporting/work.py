"""Weekly review and monthly efficiency as typed parts."""

from services.reporting.figure import Figure, Part, Ratio
from services.reporting.limits import Verdict


class StepRow(Part):
    """One step of the work and its limit, in seconds. `within`: how many of those that took the step kept the limit."""

    step: str
    n: int
    median: float | None
    p90: float | None
    limit: float
    within: Ratio


class WeeklyReview(Part):
    """The steps, and the problems of the week by number of answers that name them."""

    steps: tuple[StepRow, ...]
    frequent: tuple[tuple[str, int], ...]


class Duration(Part):
    """Mean seconds of completed calls by agents against the frozen baseline; `target` is the baseline − 20 %."""

    n: int
    seconds: float | None
    low: float | None
    high: float | None
    baseline: float | None
    """Null: no baseline has been frozen yet."""
    change: float | None
    target: float | None
    verdict: Verdict | None


class Efficiency(Part):
    """`completeness`: connected calls whose record was finished. `prompt`: of these, within 10 minutes of hang-up."""

    duration: Duration
    solved: Figure
    completeness: Ratio
    completeness_target: float
    prompt: Ratio
    callback: Figure
    attitude: Figure
