"""How many plans a second one core makes: the pure planner on drawn questions of every scenario."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.workdays import calendar
from services.scheduler.planner import Question, plan
from services.scheduler.policy_files import load_policies
from services.scheduler.windows import hard_rules, window

SEED = 20261020
_BEGINS = datetime(2026, 10, 1, tzinfo=UTC)
_MONTH_MINUTES = 31 * 24 * 60
# most customers live on the operator's clock
_ZONES = ("Asia/Shanghai",) * 7 + ("Asia/Kathmandu", "Europe/Berlin", "America/New_York")


@dataclass(frozen=True)
class Plans:
    """`seconds` of the processor, not of the wall: others on the machine change it little."""

    count: int
    slots: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def plans(count: int) -> Plans:
    """Each question is another one; days that many questions share are worked out once, as in the service."""
    questions = drawn(count, random.Random(SEED))
    begun, slots = time.process_time(), 0
    for question in questions:
        slots += plan(question).slot is not None
    return Plans(count, slots, time.process_time() - begun)


def drawn(count: int, rng: random.Random) -> list[Question]:
    """Any scenario, any minute of a month; a tenth knows the customer's own hours, a tenth waits for the budget."""
    policies, days = load_policies(), calendar("CN")
    scenarios, questions = list(policies.scenarios.values()), []
    for _ in range(count):
        policy = rng.choice(scenarios)
        start = _BEGINS + timedelta(minutes=rng.randrange(_MONTH_MINUTES))
        questions.append(
            Question(
                window=window(policy, start),
                earliest=start + timedelta(minutes=rng.randrange(600)),
                zone=ZoneInfo(rng.choice(_ZONES)),
                hard=hard_rules(policies.house, policy),
                is_workday=days.is_workday,
                soft_bans=(*policies.house.soft_bans, *policy.soft_bans),
                preferences=policies.house.preferences if policy.preferences is None else policy.preferences,
                own_hours=(rng.randrange(8, 21),) if rng.random() < 0.1 else (),
                budget_free_at=start + timedelta(hours=rng.randrange(24)) if rng.random() < 0.1 else None,
            )
        )
    return questions
