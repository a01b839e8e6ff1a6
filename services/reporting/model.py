"""The report of a week or a month: every page, document and the API render this object."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.reporting.figure import Part
from services.reporting.report import Summary
from services.reporting.sections import (
    Anomaly,
    Channels,
    Conclusions,
    DimensionRow,
    FlagEffect,
    Measure,
    Music,
    NpsSection,
    People,
    Problems,
    Profiles,
    Trend,
)
from services.reporting.work import Efficiency, WeeklyReview


class PeriodKind(StrEnum):
    WEEK = "week"
    MONTH = "month"


class Header(Part):
    """`key`: `2026-10`, or `2026-W41` (ISO week). Services completed from `starts` to before `ends` are reported."""

    kind: PeriodKind
    key: str
    starts: datetime
    ends: datetime
    provisional: bool
    """The sampling period of a month in it has not closed: N and weights still move."""
    minimum_n: int
    revision: int
    """Number of the published revision; 0: computed live, not published."""
    computed_at: datetime
    digest: str
    """SHA-256 of the content without revision and time: equal figures, equal digest."""


_ESTIMATES: Any = {
    "summary": True,
    "dimensions": True,
    "nps": True,
    "problems": {"share", "by_type"},
    "flagged": True,
    "channels": True,
    "profiles": True,
}


class Content(Part):
    """All figures of a report. `efficiency` belongs to months, `weekly` to weeks."""

    summary: Summary
    conclusions: Conclusions
    dimensions: tuple[DimensionRow, ...]
    nps: NpsSection
    problems: Problems
    measures: tuple[Measure, ...]
    anomalies: tuple[Anomaly, ...]
    flagged: tuple[FlagEffect, ...]
    channels: Channels
    trends: tuple[Trend, ...]
    efficiency: Efficiency | None
    weekly: WeeklyReview | None
    people: People
    music: Music
    profiles: Profiles

    def digest(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def estimates_digest(self) -> str:
        """Of what answers and outcomes decide alone: work in progress and earlier periods make no new revision."""
        told = self.model_dump_json(include=_ESTIMATES)
        return hashlib.sha256(told.encode()).hexdigest()


class Report(Part):
    """Strata, outcomes, participation and what no estimate counts are in `content.summary`."""

    header: Header
    content: Content
