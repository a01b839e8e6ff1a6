"""How many calls the agents can take: shifts as data, and what is left of an hour."""

from datetime import datetime, time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.scheduler.local_hours import LocalTime
from services.scheduler.windows import IsWorkday


class Shift(BaseModel):
    """Calls per hour of one skill from `begins` to `ends` on the operator's clock."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    skill: str
    begins: LocalTime = Field(alias="from")
    ends: LocalTime = Field(alias="to")
    working_day: Annotated[int, Field(ge=0)]
    other_day: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("a shift begins before it ends, within one day")
        return self

    def covers(self, at: time) -> bool:
        return self.begins <= at < self.ends


class Capacity(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    headroom: Annotated[float, Field(ge=1)] = 1.2
    """Released beyond what agents can take, because not every call is answered."""
    shifts: tuple[Shift, ...]

    def calls(self, skill: str, hour: datetime, zone: ZoneInfo, is_workday: IsWorkday) -> int:
        """Calls that agents of `skill` can take in the hour that begins at `hour`."""
        local = hour.astimezone(zone)
        working = is_workday(local.date())
        return sum(
            shift.working_day if working else shift.other_day
            for shift in self.shifts
            if shift.skill == skill and shift.covers(local.time())
        )

    def releases(self, skill: str, hour: datetime, zone: ZoneInfo, is_workday: IsWorkday) -> int:
        """Permits that may be released in that hour."""
        return int(self.calls(skill, hour, zone, is_workday) * self.headroom)

    @property
    def skills(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(shift.skill for shift in self.shifts))


def hour_of(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
