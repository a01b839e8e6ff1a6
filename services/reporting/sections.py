"""The sections of a report, one typed part each. Figures only: no text of a customer, no name, no contact."""

from datetime import date
from enum import StrEnum

from services.reporting.figure import Drill, Figure, Part, Ratio


class Standing(StrEnum):
    STRENGTH = "strength"
    SHORTCOMING = "shortcoming"
    BETWEEN = "between"
    """Its interval holds the mean of the dimensions: nothing can be said."""


class DimensionRow(Part):
    """`level`: the mean of the dimension. `weight`: points of the overall score that go with one point of it, the
    other dimensions held equal."""

    key: str
    level: Figure
    weight: Figure
    standing: Standing


class Conclusions(Part):
    """`strengths` by falling, `shortcomings` by rising level; only dimensions that the intervals tell apart."""

    satisfaction: Figure
    nps: Figure
    strengths: tuple[DimensionRow, ...]
    shortcomings: tuple[DimensionRow, ...]


class NamedFigure(Part):
    """One figure of one value of a dimension: a scenario, a channel, a band."""

    key: str
    figure: Figure


class NpsSection(Part):
    """Shares of promoters (9–10), passives (7–8), detractors (0–6), and the score by scenario."""

    nps: Figure
    shares: tuple[NamedFigure, ...]
    by_scenario: tuple[NamedFigure, ...]


class ProblemRow(Part):
    """`row` names it for improvement measures, such as `problem/attitude`."""

    row: str
    code: str
    share: Figure
    services: int | None
    """Counted answers with the tag."""


class DepartmentRow(Part):
    """Cases of the period's services by department; `cases` are their ids, the urgent first."""

    department: str
    opened: int
    in_work: int
    overdue: int
    closed: int
    not_reached: int
    cases: tuple[str, ...]


class Problems(Part):
    share: Figure
    by_type: tuple[ProblemRow, ...]
    by_department: tuple[DepartmentRow, ...]


class Measure(Part):
    improvement_id: str
    period: str
    row: str
    measure: str | None
    department: str | None
    owner: str
    due_on: date
    state: str
    overdue: bool


class Anomaly(Part):
    """A score 3 or more from the median of its stratum (n ≥ 30). It stays in the figures until a person voids it."""

    response_id: str
    source: str
    service_id: str
    stratum: str
    score: int
    median: float
    n: int
    verified: bool
    """An answer to the verification is there."""


class FlagEffect(Part):
    """A figure with and without the answers that carry a quality flag."""

    key: str
    with_flagged: Figure
    without: Figure


class ChannelRow(Part):
    """`share`: of the counted answers."""

    channel: str
    share: Ratio
    overall: Figure


class ModeEffect(Part):
    """Phone − online among services whose channel was assigned at random."""

    key: str
    phone: Figure
    online: Figure
    difference: Figure


class Channels(Part):
    mix: tuple[ChannelRow, ...]
    random: Ratio
    """Counted answers whose channel was assigned at random."""
    effects: tuple[ModeEffect, ...]


class TrendPoint(Part):
    """`standardised`: the figure with every channel at its share of the reference mix."""

    period: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int | None
    standardised: float | None
    outside: bool
    """Beyond the control limits."""


class Trend(Part):
    """`centre` and the control limits are null while earlier periods are too few to say what is usual."""

    key: str
    points: tuple[TrendPoint, ...]
    centre: float | None
    lower: float | None
    upper: float | None


class AgentRow(Part):
    """One caller. `rating` is of the callback itself; refused below the minimum n like every figure."""

    agent: str
    calls: int
    reached: Ratio
    rating: Figure
    seconds: float | None
    """Mean length of completed calls; null below the minimum n."""


class TeamRow(Part):
    """One service team as its customers rate it."""

    team: str
    overall: Figure
    attitude: Figure
    solved: Figure


class People(Part):
    agents: tuple[AgentRow, ...]
    teams: tuple[TeamRow, ...]


class TuneRow(Part):
    """One tune within one band: plays, and of those that a pilot drew and that were asked again how many were not
    dissatisfied."""

    band: str
    tune: str
    plays: int
    drawn: int = 0
    """Plays that a pilot drew by chance: only they can be compared."""
    later: Ratio


class Music(Part):
    """Ending tunes. `empty`: no tune was played, since no keypad survey ran."""

    empty: bool
    bands: tuple[NamedFigure, ...]
    tunes: tuple[TuneRow, ...]


class ProfileRow(Part):
    """Customers by number of purchases and channel."""

    purchases: str
    channel: str
    overall: Figure


class Profiles(Part):
    """`high_scorers`: customers who gave 5 at least twice and never less; the list itself is made live, on request."""

    rows: tuple[ProfileRow, ...]
    high_scorers: int
    drill: Drill
