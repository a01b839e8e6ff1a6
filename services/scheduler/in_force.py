"""What is in force: the policy files, read and checked; a contradictory one is refused with file, place and reason.

A policy is never edited in place: its version is the digest of its own content and of the house rules it stands under.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.workdays import Calendar, calendar
from contracts.vocabulary import Scenario
from services.scheduler.capacity import Capacity
from services.scheduler.policy import House, PolicySet, ScenarioPolicy

HERE = Path(__file__).parent
PACKAGED = HERE / "scenarios"
HOUSE = "house"
M = TypeVar("M", bound=BaseModel)


class PolicyError(Exception):
    """A policy file that cannot hold: names the file, the place in it and the reason."""

    def __init__(self, file: Path, place: str, reason: str) -> None:
        super().__init__(f"{file}: {place}: {reason}" if place else f"{file}: {reason}")
        self.file, self.place, self.reason = file, place, reason


class SchedulerSettings(BaseSettings):
    """`AFTERCALL_SCHEDULER_POLICIES`: a folder whose files take the place of the packaged ones of the same name;
    `AFTERCALL_SCHEDULER_CAPACITY`: a file in place of the packaged one. The others are the common settings."""

    model_config = SettingsConfigDict(env_prefix="AFTERCALL_", extra="ignore", env_ignore_empty=True)

    scheduler_policies: Path | None = None
    scheduler_capacity: Path | None = None
    operator_zone: str = "Asia/Shanghai"
    calendar_country: str = "CN"
    calendar_overrides: Path | None = None


@dataclass(frozen=True)
class Rules:
    """Everything that decisions depend on besides the facts of the case."""

    policies: PolicySet
    capacity: Capacity
    calendar: Calendar
    operator_zone: ZoneInfo

    @property
    def house(self) -> House:
        return self.policies.house


@cache
def rules_in_force() -> Rules:
    """Read once for the process; a changed file is a new version from the next start on."""
    settings = SchedulerSettings()
    return Rules(
        policies=load_policies(settings.scheduler_policies),
        capacity=_read(settings.scheduler_capacity or HERE / "capacity.toml", Capacity),
        calendar=calendar(settings.calendar_country, settings.calendar_overrides),
        operator_zone=ZoneInfo(settings.operator_zone),
    )


def load_policies(override: Path | None = None) -> PolicySet:
    """Every file of the packaged folder, a file of `override` in place of the packaged one of its name.

    Raises `PolicyError` for the first file that contradicts itself or the others.
    """
    if override is not None and not override.is_dir():
        raise PolicyError(override, "", "is not a folder of policy files")
    files = {file.stem: file for folder in (PACKAGED, override) if folder for file in sorted(folder.glob("*.toml"))}
    house = _read(files.pop(HOUSE), House)
    policies: dict[Scenario, ScenarioPolicy] = {}
    versions: dict[Scenario, str] = {}
    for stem, file in sorted(files.items()):
        policy = _read(file, ScenarioPolicy)
        _check_against_house(file, stem, policy, house)
        policies[policy.scenario] = policy
        versions[policy.scenario] = _digest(house, policy)
    return PolicySet(house, policies, versions, _digest(house, *(policies[name] for name in sorted(policies))))


def _read(file: Path, model: type[M]) -> M:
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(file, "", str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise PolicyError(file, place, first["msg"].removeprefix("Value error, ")) from None


def _check_against_house(file: Path, stem: str, policy: ScenarioPolicy, house: House) -> None:
    if stem != policy.scenario:
        raise PolicyError(file, "scenario", f"the file of {policy.scenario} is called {policy.scenario}.toml")
    day = (house.hard.closes.hour - house.hard.opens.hour) * 60 + house.hard.closes.minute - house.hard.opens.minute
    if policy.maximum_minutes >= day:
        raise PolicyError(file, "maximum_minutes", "no start inside the hard hours leaves room for it")


def _digest(*parts: BaseModel) -> str:
    """First 64 bits (hex) of the SHA-256 of the content; comments and the order of keys do not matter."""
    content = json.dumps([part.model_dump(mode="json") for part in parts], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]
