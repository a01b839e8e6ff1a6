"""The house rules: what holds for every scenario."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from services.scheduler.local_hours import Blackout, HardHours, LocalSpan, Stated


class IntakeRule(Stated):
    look_back_days: Annotated[int, Field(ge=1)]
    handled_within_days: Annotated[int, Field(ge=1)]
    clock_skew_minutes: Annotated[int, Field(ge=0)]

    @property
    def skew(self) -> timedelta:
        return timedelta(minutes=self.clock_skew_minutes)


class BudgetRule(Stated):
    callbacks: Annotated[int, Field(ge=1)]
    days: Annotated[int, Field(ge=1)]

    @property
    def span(self) -> timedelta:
        return timedelta(days=self.days)


class PeriodRule(Stated):
    closes_after_days: Annotated[int, Field(ge=1)]


class AgreedRule(Stated):
    within_days: Annotated[int, Field(ge=1, le=7)]
    patience_minutes: Annotated[int, Field(ge=5)]


class CertaintyRule(Stated):
    levels: tuple[str, ...] = ()


class SamplingFloor(Stated):
    floor: Annotated[Decimal, Field(gt=0, le=1)] = Decimal("0.1")
    """No scenario may state a smaller ratio (IN3)."""


class AnsweredRule(Stated):
    """When a customer's own answered hours take the place of the house's preferred ones."""

    calls: Annotated[int, Field(ge=1)] = 2
    """So many calls answered in an hour of the day make it one of the customer's own hours."""


class SkillRule(Stated):
    complaint: str
    vip: str


class QuestionnaireRule(Stated):
    progress: str
    verification: str


class House(Stated):
    """Rules over all scenarios."""

    hard: HardHours
    intake: IntakeRule
    budget: BudgetRule
    period: PeriodRule
    agreed: AgreedRule
    certainty: CertaintyRule
    skills: SkillRule
    questionnaires: QuestionnaireRule
    sampling: SamplingFloor = SamplingFloor()
    answered: AnsweredRule = AnsweredRule()
    soft_bans: tuple[LocalSpan, ...] = ()
    preferences: tuple[LocalSpan, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
