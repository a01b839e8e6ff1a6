"""What reporting tells."""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.envelope import Event


class ReportPublished(Event):
    topic: ClassVar[str] = "report-published"

    period: str
    revision: int
    digest: str
    links: tuple[str, ...]
    published_at: AwareDatetime

    def key(self) -> str:
        return self.period
