"""Under which policies a span is replayed: those that decided then, or a proposed set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from contracts.vocabulary import Scenario
from services.scheduler import pilots, sampling
from services.scheduler.capacity import Capacity
from services.scheduler.intake import Reason
from services.scheduler.policy import PolicySet, ScenarioPolicy
from services.scheduler.rules import Rules
from services.scheduler.sampling import Rate
from services.scheduler.simulate.history import Completion, PeriodSeen, in_frame


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a regime does with a completion; `rate` None: it is not in the frame."""

    selected: bool
    stratum: str
    rate: Rate | None


OUTSIDE = Sampled(selected=False, stratum="", rate=None)
_KEPT_OUT = {Reason.OUTSIDE_PILOT, Reason.OLDER_THAN_LOOK_BACK}


class Regime(Protocol):
    @property
    def exact(self) -> bool:
        """Must every plan be found again as it was stored, to the reasons?"""

    def sampled(self, completion: Completion, period: PeriodSeen | None) -> Sampled: ...

    def rules(self, scenario: Scenario, now: datetime, named: str | None, *, shifts: str | None = None) -> Rules:
        """The rules of a decision at `now`; `named`: the version that the stored plan names; `shifts`: that of the
        agents' shifts by which a stored release was decided."""

    def same_window(self, scenario: Scenario, named: str) -> bool:
        """Is the window rule that of the version a plan names?"""

    def same_channels(self, scenario: Scenario, named: str) -> bool:
        """Do the rules of channels give what those of the version a plan names give?"""


@dataclass(frozen=True)
class AsItWas:
    """Each decision by the version that made it."""

    rules_now: Rules
    named: Mapping[str, PolicySet]
    """Sets of one scenario, by the version that ledger rows and plans name."""
    published: Sequence[tuple[datetime, PolicySet]]
    """Whole sets since when they plan contacts, the oldest first."""
    capacities: Sequence[tuple[datetime, Capacity]] = ()
    """The agents' shifts since when releases went by them, the oldest first; none: those of today."""
    shifts: Mapping[str, Capacity] = field(default_factory=dict)
    """The same by version."""
    exact: bool = True
    _made: dict[tuple[str, int | str], Rules] = field(default_factory=dict, repr=False, compare=False)

    def sampled(self, completion: Completion, period: PeriodSeen | None) -> Sampled:
        policies = self.named.get(completion.policy_version)
        if not in_frame(completion) or completion.scenario is None or period is None or policies is None:
            return OUTSIDE
        policy = policies.scenarios[completion.scenario]
        name = _stratum(policies, policy, completion)
        rate = sampling.rate_at(period.rates.get(name, ()), completion.clocks.completed_at)
        return OUTSIDE if rate is None else _drawn(completion, period, name, rate)

    def rules(self, scenario: Scenario, now: datetime, named: str | None, *, shifts: str | None = None) -> Rules:
        if named is not None and named in self.named:
            return self._with(self.named[named], now, shifts)
        past = [policies for since, policies in self.published if since <= now]
        return self._with(past[-1] if past else self.rules_now.policies, now, shifts)

    def _with(self, policies: PolicySet, now: datetime, shifts: str | None) -> Rules:
        """Shifts of before the first recorded ones were the same, as far as anyone knows."""
        edition = max(0, sum(since <= now for since, _ in self.capacities) - 1)
        known = self.shifts.get(shifts) if shifts is not None else None
        made = policies.version, edition if shifts is None or known is None else shifts
        if made not in self._made:
            capacity = known or (self.capacities[edition][1] if self.capacities else self.rules_now.capacity)
            self._made[made] = replace(self.rules_now, policies=policies, capacity=capacity)
        return self._made[made]

    def same_window(self, scenario: Scenario, named: str) -> bool:
        return True

    def same_channels(self, scenario: Scenario, named: str) -> bool:
        return True


@dataclass(frozen=True)
class Proposed:
    """One set and one table of shifts for the whole span, as if they had been published before it."""

    proposed: Rules
    named: Mapping[str, PolicySet]
    exact: bool = False
    _frozen: dict[tuple[str, str], Rate | None] = field(default_factory=dict, repr=False, compare=False)

    def sampled(self, completion: Completion, period: PeriodSeen | None) -> Sampled:
        policies = self.proposed.policies
        policy = policies.scenarios.get(completion.scenario) if completion.scenario else None
        if policy is None or period is None or not self._belongs(completion, policy):
            return OUTSIDE
        name = _stratum(policies, policy, completion)
        rate = self._rate(completion.period, name, period)
        return OUTSIDE if rate is None else _drawn(completion, period, name, rate)

    def rules(self, scenario: Scenario, now: datetime, named: str | None, *, shifts: str | None = None) -> Rules:
        return self.proposed

    def same_window(self, scenario: Scenario, named: str) -> bool:
        before = self.named.get(named)
        policy = self.proposed.policies.scenarios[scenario]
        return before is not None and before.scenarios[scenario].window == policy.window

    def same_channels(self, scenario: Scenario, named: str) -> bool:
        before = self.named.get(named)
        return before is not None and _channels(before.scenarios[scenario]) == _channels(
            self.proposed.policies.scenarios[scenario]
        )

    def _rate(self, month: str, name: str, period: PeriodSeen) -> Rate | None:
        """Frozen once for a stratum of a period, as at its opening."""
        if (month, name) not in self._frozen:
            policies = self.proposed.policies
            self._frozen[month, name] = sampling.rate_of(policies, name, expected_of(policies, name, period))
        return self._frozen[month, name]

    def _belongs(self, completion: Completion, policy: ScenarioPolicy) -> bool:
        """Rejected documents and late ones stay out; pilot and look-back are asked again."""
        if not in_frame(completion) and completion.reason not in _KEPT_OUT:
            return False
        age = completion.accepted_at - completion.clocks.completed_at
        if age.total_seconds() > self.proposed.house.intake.look_back_days * 86400:
            return False
        return pilots.in_scenario(policy, customer_ref=completion.customer_ref, team=completion.team)


def expected_of(policies: PolicySet, name: str, period: PeriodSeen) -> int | None:
    """N̂ of a stratum: what its period knew; for a stratum that was not there what the policy states, else unknown."""
    known = max(period.rates.get(name, ()), key=lambda rate: rate.version, default=None)
    if known is not None and known.expected is not None:
        return known.expected
    policy = sampling.strata(policies).get(name)
    return policy.sampling.expected.get(name.partition("/")[2]) if policy else None


def _channels(policy: ScenarioPolicy) -> tuple[object, ...]:
    return policy.channels, policy.random_email_share, policy.channel_pilots


def _stratum(policies: PolicySet, policy: ScenarioPolicy, completion: Completion) -> str:
    return sampling.stratum(policies, policy, service_type=completion.service_type, level=completion.level)


def _drawn(completion: Completion, period: PeriodSeen, name: str, rate: Rate) -> Sampled:
    drawn = sampling.draw(
        period.secret, source=completion.source, service_id=completion.service_id, thousandths=rate.thousandths
    )
    return Sampled(drawn.selected, name, rate)
