"""A proposed policy by a few changes to the one in force: what a page offers instead of a file."""

from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import ValidationError

from contracts.vocabulary import Channel, Scenario
from services.scheduler.capacity import Capacity
from services.scheduler.contradictions import contradictions
from services.scheduler.policy import ScenarioPolicy
from services.scheduler.policy_versions import policy_set
from services.scheduler.rules import Rules


class Contradictory(Exception):
    """A change that no policy file could state: `field` names the lever, `reason` says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


@dataclass(frozen=True)
class Levers:
    """What differs; None leaves it. `scenario` None: every scenario whose file states the matter."""

    scenario: Scenario | None = None
    ratio: Decimal | None = None
    deadline_hours: float | None = None
    first_channel: Channel | None = None
    agents: float | None = None
    """Calls that agents can take, as a share of what they take now: 0.8 is a fifth less."""

    @property
    def pull_nothing(self) -> bool:
        return (self.ratio, self.deadline_hours, self.first_channel, self.agents) == (None, None, None, None)


def varied(in_force: Rules, levers: Levers) -> Rules:
    """The rules in force with these changes, checked like a policy file. Raises `Contradictory`."""
    chosen = [levers.scenario] if levers.scenario else list(in_force.policies.scenarios)
    policies = []
    for name, policy in in_force.policies.scenarios.items():
        changed = _changed(policy, levers) if name in chosen else policy
        for found in contradictions(changed, in_force.house):
            raise Contradictory(_LEVER_OF.get(found.place[0], "scenario"), f"{name}: {found.reason}")
        policies.append(changed)
    capacity = in_force.capacity if levers.agents is None else _scaled(in_force.capacity, levers.agents)
    return replace(in_force, policies=policy_set(in_force.house, policies), capacity=capacity, editions=())


_LEVER_OF = {"sampling": "ratio", "window": "deadline_hours", "retries": "deadline_hours", "channel_pilots": "channel"}


def _changed(policy: ScenarioPolicy, levers: Levers) -> ScenarioPolicy:
    content = policy.model_dump()
    if levers.ratio is not None and not policy.sampling.certainty:
        content["sampling"]["ratio"] = levers.ratio
    if levers.deadline_hours is not None:
        content["window"]["deadline_hours"] = levers.deadline_hours
    if levers.first_channel in policy.channels:
        content["channels"] = sorted(policy.channels, key=lambda channel: channel is not levers.first_channel)
    try:
        return ScenarioPolicy.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        lever = _LEVER_OF.get(str(first["loc"][0]), "scenario") if first["loc"] else "scenario"
        raise Contradictory(lever, f"{policy.scenario}: {first['msg'].removeprefix('Value error, ')}") from None


def _scaled(capacity: Capacity, share: float) -> Capacity:
    """Whole calls, rounded to the nearest."""
    return capacity.model_copy(
        update={
            "shifts": tuple(
                shift.model_copy(
                    update={
                        "working_day": round(shift.working_day * share),
                        "other_day": round(shift.other_day * share),
                    }
                )
                for shift in capacity.shifts
            )
        }
    )
