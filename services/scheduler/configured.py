"""What this process was started with: the policy files, the agents' shifts, the calendar."""

import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import SettingsError
from chassis.workdays import calendar
from services.scheduler.capacity import Capacity
from services.scheduler.policy import PolicySet
from services.scheduler.policy_files import PolicyError, load_policies, read_file
from services.scheduler.rules import Rules

PACKAGED_CAPACITY = Path(__file__).parent / "capacity.toml"
STARTED = datetime.now(UTC)


class SchedulerSettings(BaseSettings):
    """`AFTERCALL_SCHEDULER_POLICIES`: a folder whose files take the place of the packaged ones of the same name;
    `AFTERCALL_SCHEDULER_CAPACITY`: a file in place of the packaged one. The others are the common settings."""

    model_config = SettingsConfigDict(env_prefix="AFTERCALL_", extra="ignore", env_ignore_empty=True)

    scheduler_policies: Path | None = None
    scheduler_capacity: Path | None = None
    operator_zone: str = "Asia/Shanghai"
    calendar_country: str = "CN"
    calendar_overrides: Path | None = None


def configured_rules() -> Rules:
    """Read once for the same settings. Raises `PolicyError` for a file that contradicts itself or the others."""
    return _read(tuple(os.environ.get(f"AFTERCALL_{name.upper()}") for name in SchedulerSettings.model_fields))


@cache
def _read(_told: tuple[str | None, ...]) -> Rules:
    # by the variables: one process may run one stack after another, each told otherwise (the bench beside tests)
    settings = SchedulerSettings()
    policies = load_policies(settings.scheduler_policies)
    file = settings.scheduler_capacity or PACKAGED_CAPACITY
    capacity = read_file(file, Capacity)
    check_skills(file, capacity, policies)
    return Rules(
        policies=policies,
        capacity=capacity,
        calendar=calendar(settings.calendar_country, settings.calendar_overrides),
        operator_zone=ZoneInfo(settings.operator_zone),
    )


def check() -> None:
    """Raises `SettingsError` with the file, line and reason of what cannot hold."""
    try:
        configured_rules()
    except PolicyError as error:
        raise SettingsError(f"{error}.") from None


def check_skills(file: Path, capacity: Capacity, policies: PolicySet) -> None:
    house = policies.house.skills
    wanted = {house.complaint, house.vip, *(policy.skill for policy in policies.scenarios.values())}
    if missing := sorted(wanted - set(capacity.skills)):
        raise PolicyError(file, "shifts", f"no shift has the skill {missing[0]}, so its calls would never be released")
