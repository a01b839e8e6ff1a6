"""Hours and days of the customer's clock, as the policy files state them."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _time(value: object) -> object:
    return time.fromisoformat(value) if isinstance(value, str) else value


LocalTime = Annotated[time, BeforeValidator(_time)]


class Stated(BaseModel):
    """What a policy file states: nothing else may stand there, and nobody changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class LocalSpan(Stated):
    """From `begins` inclusive to `ends` exclusive on the customer's clock; on one weekday (0 Monday) or on each."""

    begins: LocalTime = Field(alias="from")
    ends: LocalTime = Field(alias="to")
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _weekday_by_name(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        day = given.get("weekday")
        if not isinstance(day, str):
            return given
        if day not in _WEEKDAYS:
            raise ValueError(f"weekday is one of {', '.join(_WEEKDAYS)}")
        return {**given, "weekday": _WEEKDAYS.index(day)}

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("a span begins before it ends, within one day")
        return self


class Blackout(Stated):
    """Whole days of the customer's calendar, both included, on which nobody is contacted. A hard rule."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    reason: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first > self.last:
            raise ValueError("a blackout begins no later than it ends")
        return self

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


class HardHours(Stated):
    opens: LocalTime
    closes: LocalTime

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens lies before closes")
        if self.opens < time(8) or self.closes > time(22):
            raise ValueError("the hard hours lie within 08:00 and 22:00")
        return self

    @property
    def minutes(self) -> int:
        return (self.closes.hour - self.opens.hour) * 60 + self.closes.minute - self.opens.minute
