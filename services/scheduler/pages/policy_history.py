"""The versions of one scenario's policy, from the sets that were published."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.vocabulary import Scenario
from services.scheduler.configured import SchedulerSettings, configured_rules
from services.scheduler.policy import PolicySet
from services.scheduler.policy_files import HOUSE, PACKAGED, line_of
from services.scheduler.policy_values import Change, changes, values
from services.scheduler.policy_versions import content_of, digest_of, policies_in, version_of
from services.scheduler.store.policy_use import InForce


@dataclass(frozen=True)
class Version:
    """One version since it came into force. `number` counts from 1; an old content may come into force again."""

    number: int
    name: str
    version: str
    digest: str
    edition: InForce
    content: Mapping[str, Any]
    changed: Sequence[Change]
    """Against the version before; of the first one nothing."""
    rows: int
    """Rows of the ledger that name this version."""


def scenarios_of(editions: Sequence[InForce]) -> list[str]:
    """Every scenario that some published set knows."""
    return sorted({name for edition in editions for name in edition.content["scenarios"]})


def history_of(name: str, editions: Sequence[InForce], counts: Mapping[str, int]) -> list[Version]:
    """The versions of a scenario, or of the house rules, the oldest first; empty when nobody ever published one."""
    found: list[Version] = []
    sets = [(edition, policies_in(edition.content)) for edition in editions]
    for edition, policies in sets:
        told = _content(name, content_of(policies))  # in the order in which a file states it
        version, digest = _digests(name, policies)
        if told is None or version is None or (found and found[-1].version == version):
            continue
        named = {one for _, every in sets if _digests(name, every)[0] == version for one in _named(name, every)}
        changed = changes(found[-1].content, told) if found else []
        rows = sum(counts.get(one, 0) for one in named)
        found.append(Version(len(found) + 1, name, version, digest, edition, told, changed, rows))
    return found


def places(version: Version) -> dict[tuple[str, ...], str | None]:
    """file:line of each value, None where no file states it; empty unless this process was started with the version."""
    own = configured_rules().policies
    if _digests(version.name, own)[0] != version.version:
        return {}
    found: dict[tuple[str, ...], str | None] = {}
    for head, content in version.content.items():
        file = _file(HOUSE if head == "house" else version.name)
        text = file.read_text(encoding="utf-8") if file else ""
        stated = tomllib.loads(text)
        for value in values(content):
            told = file is not None and _states(stated, value.path)
            found[head, *value.path] = f"{file.name}:{line_of(text, value.path)}" if file and told else None
    return found


def _states(stated: Any, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(stated, Mapping) or key not in stated:
            return False
        stated = stated[key]
    return True


def _file(stem: str) -> Path | None:
    folders = (SchedulerSettings().scheduler_policies, PACKAGED)
    return next((f / f"{stem}.toml" for f in folders if f and (f / f"{stem}.toml").is_file()), None)


def _content(name: str, whole: Mapping[str, Any]) -> dict[str, Any] | None:
    """What decides about a scenario: its own file and the house rules."""
    if name == HOUSE:
        return {"house": whole["house"]}
    return {"scenario": whole["scenarios"][name], "house": whole["house"]} if name in whole["scenarios"] else None


def _digests(name: str, policies: PolicySet) -> tuple[str | None, str]:
    if name == HOUSE:
        return version_of(policies.house), digest_of(policies.house)
    policy = policies.scenarios.get(Scenario(name))
    if policy is None:
        return None, ""
    return policies.versions[policy.scenario], digest_of(policies.house, policy)


def _named(name: str, policies: PolicySet) -> list[str]:
    """The versions that rows of the ledger name: house rules decide with every scenario."""
    return list(policies.versions.values()) if name == HOUSE else [policies.versions[Scenario(name)]]
