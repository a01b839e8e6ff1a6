"""What each window rule said about a callback's newest plan, for the page and the API that say why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from contracts.vocabulary import Explanation
from services.scheduler.callback import Callback, Permit
from services.scheduler.planner import DEADLINE_MISSED, OUTSIDE_PREFERENCE, SOFT_BAN
from services.scheduler.rules import Rules


class Level(StrEnum):
    HARD = "hard"
    DEADLINE = "deadline"
    SOFT = "soft"
    PREFERENCE = "preference"


class Rule(StrEnum):
    HOURS = "hours"
    SUPPRESSION = "suppression"
    BUDGET = "budget"
    WINDOW = "window"
    SOFT_BANS = "soft_bans"
    PREFERENCES = "preferences"


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    YIELDED = "yielded"
    """A softer rule gave way to a harder one."""
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Ruled:
    level: Level
    rule: Rule
    bounds: tuple[str, str]
    """What the rule asks: local times, counts or instants, as text."""
    value: datetime | None
    """The start it was asked about."""
    result: Result


def rulings(rules: Rules, callback: Callback) -> list[Ruled]:
    """Every rule over the newest permit, the hardest first; without a permit the softer ones stay undecided."""
    permit = callback.permits[-1] if callback.permits else None
    start = permit.due_at if permit else None
    house, policy = rules.house, rules.policies.scenarios[callback.scenario]
    last = (datetime.combine(callback.opened_at, house.hard.closes) - policy.longest).time()
    window = (_local(callback.not_before, callback.zone), _local(callback.deadline, callback.zone))
    bans = (str(len(house.soft_bans)), "")
    ended = callback.explanation
    return [
        Ruled(Level.HARD, Rule.HOURS, (f"{house.hard.opens:%H:%M}", f"{last:%H:%M}"), start, _held(permit)),
        Ruled(Level.HARD, Rule.SUPPRESSION, ("", ""), None, _unless(ended is Explanation.OPTED_OUT)),
        Ruled(
            Level.HARD,
            Rule.BUDGET,
            (str(house.budget.callbacks), str(house.budget.days)),
            callback.counted_at,
            _budget(callback, permit),
        ),
        Ruled(Level.DEADLINE, Rule.WINDOW, window, start, _window(callback, permit)),
        Ruled(Level.SOFT, Rule.SOFT_BANS, bans, start, _kept(permit, SOFT_BAN)),
        Ruled(Level.PREFERENCE, Rule.PREFERENCES, ("", ""), start, _kept(permit, OUTSIDE_PREFERENCE)),
    ]


def _held(permit: Permit | None) -> Result:
    return Result.PASSED if permit else Result.UNDECIDED


def _unless(broken: bool) -> Result:
    return Result.FAILED if broken else Result.PASSED


def _budget(callback: Callback, permit: Permit | None) -> Result:
    if callback.explanation is Explanation.SUPPRESSED_BY_BUDGET:
        return Result.FAILED
    if callback.counted_at is not None:
        return Result.PASSED
    put_off = permit is not None and permit.plan.get("put_off") == "budget"
    return Result.FAILED if put_off else Result.UNDECIDED


def _window(callback: Callback, permit: Permit | None) -> Result:
    if permit is None:
        return Result.FAILED if callback.explanation is Explanation.WINDOW_MISSED else Result.UNDECIDED
    return Result.FAILED if DEADLINE_MISSED in permit.plan.get("broken", ()) else Result.PASSED


def _kept(permit: Permit | None, rule: str) -> Result:
    if permit is None:
        return Result.UNDECIDED
    return Result.YIELDED if rule in permit.plan.get("broken", ()) else Result.PASSED


def _local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
