"""Everything that decisions depend on besides the facts of the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from chassis.workdays import Calendar
from contracts.vocabulary import Scenario
from services.scheduler.capacity import Capacity
from services.scheduler.house import House
from services.scheduler.policy import PolicySet
from services.scheduler.windows import HardRules, hard_rules

SINCE_EVER = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Edition:
    """A policy set and since which completion instant it decides about the sample."""

    policies: PolicySet
    valid_from: datetime


@dataclass(frozen=True)
class Rules:
    """`policies`: the newest set, by which contacts are planned. The sample follows the time of completion instead."""

    policies: PolicySet
    capacity: Capacity
    calendar: Calendar
    operator_zone: ZoneInfo
    editions: tuple[Edition, ...] = ()
    """Every published set, the oldest first; none: `policies` alone."""

    @property
    def house(self) -> House:
        return self.policies.house

    @cached_property
    def hard(self) -> Mapping[Scenario, HardRules]:
        """What no contact of a scenario may break."""
        return {name: hard_rules(self.house, policy) for name, policy in self.policies.scenarios.items()}

    def policies_at(self, completed_at: datetime) -> PolicySet:
        """The set that decides about a completion of that time, whenever it arrives."""
        if not self.editions:
            return self.policies
        past = [edition for edition in self.editions if edition.valid_from <= completed_at]
        return (past or self.editions[:1])[-1].policies
