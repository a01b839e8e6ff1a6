"""Scenarios as data: what a scenario's file and the house rules can say, and which of it would contradict itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts.vocabulary import Channel, Disposition, Scenario

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _time(value: object) -> object:
    return time.fromisoformat(value) if isinstance(value, str) else value


LocalTime = Annotated[time, BeforeValidator(_time)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Clock(StrEnum):
    """What a window is counted from."""

    HANDLED = "handled"
    COMPLETED = "completed"


class LocalSpan(_Data):
    """From `begins` inclusive to `ends` exclusive on the customer's clock; on one weekday (0 Monday) or on each."""

    begins: LocalTime = Field(alias="from")
    ends: LocalTime = Field(alias="to")
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _weekday_by_name(cls, given: dict[str, Any]) -> dict[str, Any]:
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


class HardHours(_Data):
    opens: LocalTime
    closes: LocalTime

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens lies before closes")
        if self.opens < time(8) or self.closes > time(22):
            raise ValueError("the hard hours lie within 08:00 and 22:00")
        return self


class WindowRule(_Data):
    clock: Clock
    not_before_hours: Annotated[float, Field(ge=0)]
    deadline_hours: Annotated[float, Field(gt=0)]
    grace_hours: Annotated[float, Field(ge=0)] = 24

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.deadline_hours <= self.not_before_hours:
            raise ValueError("the window is empty: deadline_hours must be larger than not_before_hours")
        return self


class SamplingRule(_Data):
    ratio: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.1")
    certainty: bool = False
    """Taken whole, as one stratum named by the scenario."""
    service_types: tuple[str, ...] = ()
    expected: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    """N̂ by service type (or "other") for a first period, of which no earlier one tells."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.service_types)) != len(self.service_types) or "other" in self.service_types:
            raise ValueError("service_types are distinct and none is called other")
        if self.certainty and (self.service_types or self.expected):
            raise ValueError("a certainty stratum has neither service_types nor expected counts")
        strange = set(self.expected) - {*self.service_types, "other"}
        if strange:
            raise ValueError(f"expected names service types that are not listed: {', '.join(sorted(strange))}")
        return self


class Retry(_Data):
    attempts: Annotated[int, Field(ge=1, le=20)]
    delay_minutes: Annotated[int, Field(ge=0)]

    @property
    def delay(self) -> timedelta:
        return timedelta(minutes=self.delay_minutes)


RetriedDisposition = Literal[
    Disposition.NO_ANSWER,
    Disposition.BUSY,
    Disposition.VOICEMAIL,
    Disposition.SWITCHED_OFF,
    Disposition.WRONG_NUMBER,
    Disposition.BOUNCED,
]


class ScenarioPolicy(_Data):
    """One scenario's file."""

    scenario: Scenario
    questionnaire: Annotated[str, Field(min_length=1)]
    skill: Annotated[str, Field(min_length=1)]
    maximum_minutes: Annotated[int, Field(ge=1, le=120)]
    channels: Annotated[tuple[Literal[Channel.PHONE, Channel.EMAIL], ...], Field(min_length=1)]
    random_email_share: Share = 0.0
    """Of the customers with phone and e-mail, so many get the e-mail by chance: the mode experiment."""
    window: WindowRule
    sampling: SamplingRule
    retries: Mapping[RetriedDisposition, Retry]

    @model_validator(mode="after")
    def _channels_hold(self) -> Self:
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("a channel is listed twice")
        if self.random_email_share and set(self.channels) != {Channel.PHONE, Channel.EMAIL}:
            raise ValueError("random_email_share needs phone and email among the channels")
        return self

    @property
    def longest(self) -> timedelta:
        return timedelta(minutes=self.maximum_minutes)


class IntakeRule(_Data):
    look_back_days: Annotated[int, Field(ge=1)]
    handled_within_days: Annotated[int, Field(ge=1)]
    clock_skew_minutes: Annotated[int, Field(ge=0)]


class BudgetRule(_Data):
    callbacks: Annotated[int, Field(ge=1)]
    days: Annotated[int, Field(ge=1)]

    @property
    def span(self) -> timedelta:
        return timedelta(days=self.days)


class PeriodRule(_Data):
    closes_after_days: Annotated[int, Field(ge=1)]


class AgreedRule(_Data):
    within_days: Annotated[int, Field(ge=1)]
    patience_minutes: Annotated[int, Field(ge=5)]


class CertaintyRule(_Data):
    levels: tuple[str, ...] = ()


class SkillRule(_Data):
    complaint: str
    vip: str


class QuestionnaireRule(_Data):
    progress: str
    verification: str


class House(_Data):
    """Rules over all scenarios."""

    hard: HardHours
    intake: IntakeRule
    budget: BudgetRule
    period: PeriodRule
    agreed: AgreedRule
    certainty: CertaintyRule
    skills: SkillRule
    questionnaires: QuestionnaireRule
    soft_bans: tuple[LocalSpan, ...] = ()
    preferences: tuple[LocalSpan, ...] = ()


@dataclass(frozen=True)
class PolicySet:
    """What is in force: the house rules, a policy per scenario, and the version of each."""

    house: House
    scenarios: Mapping[Scenario, ScenarioPolicy]
    versions: Mapping[Scenario, str]
    version: str

    def of(self, name: str) -> ScenarioPolicy | None:
        """The policy of a scenario by its name in a document; None when nobody wrote one."""
        return self.scenarios.get(Scenario(name)) if name in _SCENARIO_NAMES else None


_SCENARIO_NAMES = frozenset(scenario.value for scenario in Scenario)
