"""Policies by content: the same content is the same version, and a version can be written down and read again."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from contracts.vocabulary import Scenario
from services.scheduler.house import House
from services.scheduler.policy import PolicySet, ScenarioPolicy


def policy_set(house: House, policies: Iterable[ScenarioPolicy]) -> PolicySet:
    ordered = sorted(policies, key=lambda policy: policy.scenario)
    return PolicySet(
        house=house,
        scenarios={policy.scenario: policy for policy in ordered},
        versions={policy.scenario: version_of(house, policy) for policy in ordered},
        version=version_of(house, *ordered),
    )


def version_of(*parts: BaseModel) -> str:
    """First 64 bits (hex) of the digest of the content; comments and the order of keys do not matter."""
    return digest_of(*parts)[:16]


def digest_of(*parts: BaseModel) -> str:
    """SHA-256 (hex) of the content."""
    content = json.dumps([part.model_dump(mode="json") for part in parts], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def content_of(policies: PolicySet) -> dict[str, Any]:
    """Everything a set states, as JSON; `policies_in` reads it."""
    return {
        "house": policies.house.model_dump(mode="json"),
        "scenarios": {name.value: policy.model_dump(mode="json") for name, policy in policies.scenarios.items()},
    }


def policies_in(content: Mapping[str, Any]) -> PolicySet:
    """The set of a content; its versions are computed anew. Raises `pydantic.ValidationError`."""
    house = House.model_validate(content["house"])
    return policy_set(house, [ScenarioPolicy.model_validate(one) for one in content["scenarios"].values()])


def scenario_versions(policies: PolicySet) -> dict[str, Scenario]:
    return {version: scenario for scenario, version in policies.versions.items()}
