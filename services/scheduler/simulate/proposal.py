"""A proposed policy: files in place of what is in force, checked as the files of a start are."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from services.scheduler.capacity import Capacity
from services.scheduler.configured import check_skills
from services.scheduler.contradictions import contradictions
from services.scheduler.house import House
from services.scheduler.policy import ScenarioPolicy
from services.scheduler.policy_files import PolicyError, read_file, refused
from services.scheduler.policy_versions import policy_set
from services.scheduler.rules import Rules

_HOUSE, _CAPACITY = "hard", "shifts"


def proposed_rules(path: Path, in_force: Rules) -> Rules:
    """The rules in force with the file, or the files of the folder, in place of their own of the same matter.

    A file is one scenario's, the house rules or the shifts of the agents, told by its content. Raises `PolicyError`
    for a file that contradicts itself or the others, or is none of these.
    """
    house, capacity = in_force.house, in_force.capacity
    house_file = capacity_file = path
    scenarios: dict[str, tuple[Path | None, ScenarioPolicy]] = {
        name: (None, policy) for name, policy in in_force.policies.scenarios.items()
    }
    for file in _files(path):
        content = _content(file)
        if "scenario" in content:
            _put(scenarios, file, read_file(file, ScenarioPolicy))
        elif _HOUSE in content:
            house, house_file = read_file(file, House), file
        elif _CAPACITY in content:
            capacity, capacity_file = read_file(file, Capacity), file
        else:
            raise PolicyError(file, "", "is neither a scenario's file, nor house rules, nor the shifts of agents")
    for own, policy in scenarios.values():
        for found in contradictions(policy, house):
            if own is not None:
                raise refused(own, found.place, found.reason)
            raise PolicyError(house_file, "", f"{policy.scenario}: {'.'.join(found.place)}: {found.reason}")
    policies = policy_set(house, [policy for _, policy in scenarios.values()])
    check_skills(capacity_file, capacity, policies)
    return replace(in_force, policies=policies, capacity=capacity, editions=())


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise PolicyError(path, "", "is not there")
    if path.is_file():
        return [path]
    files = sorted(path.glob("*.toml"))
    if not files:
        raise PolicyError(path, "", "holds no policy file (*.toml)")
    return files


def _content(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # read_file says what is wrong with it, and where
        read_file(file, House)
        raise


def _put(scenarios: dict[str, tuple[Path | None, ScenarioPolicy]], file: Path, policy: ScenarioPolicy) -> None:
    before = scenarios.get(policy.scenario)
    if before is not None and before[0] is not None:
        raise PolicyError(file, "scenario", f"{before[0].name} is a file of {policy.scenario} too")
    scenarios[policy.scenario] = (file, policy)
