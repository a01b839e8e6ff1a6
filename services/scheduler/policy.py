"""Scenarios as data: what a scenario's file can say, and which of it would contradict itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.vocabulary import Channel, Disposition, Scenario
from services.scheduler.house import House
from services.scheduler.local_hours import Blackout, LocalSpan, Stated

Share = Annotated[float, Field(ge=0, le=1)]


class Clock(StrEnum):
    """What a window is counted from; where the document does not tell it, from the completion."""

    HANDLED = "handled"
    COMPLETED = "completed"
    REGISTERED = "registered"
    LAST_ACT = "last_act"


class WindowRule(Stated):
    clock: Clock
    not_before_hours: Annotated[float, Field(ge=0)]
    deadline_hours: Annotated[float, Field(gt=0)]
    grace_hours: Annotated[float, Field(ge=0)] = 24

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.deadline_hours <= self.not_before_hours:
            raise ValueError("the window is empty: deadline_hours must be larger than not_before_hours")
        return self

    @property
    def minutes(self) -> float:
        return (self.deadline_hours - self.not_before_hours) * 60


class SamplingRule(Stated):
    ratio: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.1")
    """Floor of selected completions in each stratum."""
    certainty: bool = False
    """Taken whole, as one stratum named by the scenario."""
    certainty_levels: tuple[str, ...] | None = None
    """Customer levels that are taken whole in this scenario; None: those of the house."""
    service_types: tuple[str, ...] = ()
    expected: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    """N̂ by service type (or "other") for a first period, of which no earlier one tells."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.service_types)) != len(self.service_types) or "other" in self.service_types:
            raise ValueError("service_types are distinct and none is called other")
        if self.certainty and (self.service_types or self.expected or self.certainty_levels):
            raise ValueError("a certainty stratum has neither service_types nor expected counts nor certainty_levels")
        strange = set(self.expected) - {*self.service_types, "other"}
        if strange:
            raise ValueError(f"expected names service types that are not listed: {', '.join(sorted(strange))}")
        return self


class Retry(Stated):
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
    Disposition.DELIVERED,
]
"""A message that was delivered is no failure: to try again after it is a reminder."""


class Pilot(Stated):
    """A scenario or a channel for a share of customers, or for the customers of named teams (IN8)."""

    share: Share = 1.0
    teams: tuple[str, ...] = ()
    """Teams of the person who handled the service; none named: all."""


class Trigger(Stated):
    """An absence, or a length of time, that starts a callback by itself."""

    no_act_within_days: Annotated[int, Field(ge=1)] | None = None
    """After a registration: no first act within so many days."""
    inactive_days: Annotated[int, Field(ge=1)] | None = None
    """No act for so many days."""
    every_days: Annotated[int, Field(ge=1)] | None = None
    """For customers of the certainty levels, again and again."""

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a trigger names at least one of no_act_within_days, inactive_days, every_days")
        return self


CalledOrWritten = Literal[Channel.PHONE, Channel.IVR, Channel.EMAIL]


class ScenarioPolicy(Stated):
    """One scenario's file."""

    scenario: Scenario
    questionnaire: Annotated[str, Field(min_length=1)]
    skill: Annotated[str, Field(min_length=1)]
    maximum_minutes: Annotated[int, Field(ge=1, le=120)]
    channels: Annotated[tuple[CalledOrWritten, ...], Field(min_length=1)]
    random_email_share: Share = 0.0
    """Of the customers with phone and e-mail, so many get the e-mail by chance: the mode experiment."""
    window: WindowRule
    sampling: SamplingRule
    retries: Mapping[RetriedDisposition, Retry]
    pilot: Pilot = Pilot()
    channel_pilots: Mapping[CalledOrWritten, Pilot] = {}
    trigger: Trigger | None = None
    soft_bans: tuple[LocalSpan, ...] = ()
    """Besides those of the house."""
    preferences: tuple[LocalSpan, ...] | None = None
    """None: those of the house."""
    blackouts: tuple[Blackout, ...] = ()
    """Besides those of the house."""

    @model_validator(mode="after")
    def _channels_hold(self) -> Self:
        if len(set(self.channels)) != len(self.channels):
            raise ValueError("a channel is listed twice")
        if self.random_email_share and set(self.channels) != {Channel.PHONE, Channel.EMAIL}:
            raise ValueError("random_email_share needs phone and email among the channels")
        strange = set(self.channel_pilots) - set(self.channels)
        if strange:
            raise ValueError(f"channel_pilots names channels that are not listed: {', '.join(sorted(strange))}")
        return self

    @property
    def longest(self) -> timedelta:
        return timedelta(minutes=self.maximum_minutes)


@dataclass(frozen=True)
class PolicySet:
    """House rules, a policy per scenario, and the version of each: the digest of its content and of the house rules."""

    house: House
    scenarios: Mapping[Scenario, ScenarioPolicy]
    versions: Mapping[Scenario, str]
    version: str

    def of(self, name: str) -> ScenarioPolicy | None:
        """The policy of a scenario by its name in a document; None when nobody wrote one."""
        return self.scenarios.get(Scenario(name)) if name in _SCENARIO_NAMES else None

    def certainty_levels(self, policy: ScenarioPolicy) -> tuple[str, ...]:
        own = policy.sampling.certainty_levels
        return self.house.certainty.levels if own is None else own


_SCENARIO_NAMES = frozenset(scenario.value for scenario in Scenario)
