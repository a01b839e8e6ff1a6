"""What kind of customer this is, from stated rules over the last year. Pure; the rules are customers.toml."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from contracts.context import ServiceContext
from contracts.events.tagging import CustomerMark

FILE = Path(__file__).parent / "customers.toml"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HighValue(_Data):
    levels: tuple[str, ...]
    purchases: int = Field(ge=1)
    amount: float = Field(gt=0)


class ComplaintRisk(_Data):
    low_scores: int = Field(ge=1)
    complaints: int = Field(ge=1)
    signs: int = Field(ge=1)


class ActiveSuggester(_Data):
    suggestions: int = Field(ge=1)


class CustomerRules(_Data):
    version: int
    horizon_days: int = Field(ge=1)
    high_value: HighValue
    complaint_risk: ComplaintRisk
    active_suggester: ActiveSuggester

    @property
    def horizon(self) -> timedelta:
        return timedelta(days=self.horizon_days)


@dataclass(frozen=True)
class History:
    """Instants of what a customer did; `context` is that of the newest service, None when nothing opens it."""

    context: ServiceContext | None = None
    complaints: Sequence[datetime] = ()
    low_scores: Sequence[datetime] = ()
    suggestions: Sequence[datetime] = ()
    signs: Sequence[datetime] = ()
    """Responses whose words have a sign of complaint risk."""


@dataclass(frozen=True)
class Verdict:
    """`until`: from then on it may be another one though nothing happens, because something is a year old."""

    marks: tuple[CustomerMark, ...]
    until: datetime | None


@cache
def rules() -> CustomerRules:
    return CustomerRules.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))


def judge(history: History, rule: CustomerRules, now: datetime) -> Verdict:
    """Every tag with the rule that gave it; of several rules for one tag the first that holds."""
    since = now - rule.horizon
    bought = _purchases(history.context, since)
    amount = sum(price for _, price in bought)
    level = (history.context.level or "") if history.context else ""
    wants = (
        ("high_value", "level", int(level.startswith(rule.high_value.levels)), 1),
        ("high_value", "purchases", len(bought), rule.high_value.purchases),
        ("high_value", "amount", amount, rule.high_value.amount),
        ("complaint_risk", "low_scores", _within(history.low_scores, since), rule.complaint_risk.low_scores),
        ("complaint_risk", "complaints", _within(history.complaints, since), rule.complaint_risk.complaints),
        ("complaint_risk", "signs", _within(history.signs, since), rule.complaint_risk.signs),
        ("active_suggester", "suggestions", _within(history.suggestions, since), rule.active_suggester.suggestions),
    )
    marks: dict[str, CustomerMark] = {}
    for code, because, seen, limit in wants:
        if seen >= limit:
            marks.setdefault(code, CustomerMark(code=code, because=because, seen=seen, limit=limit))
    counted = [
        *history.complaints,
        *history.low_scores,
        *history.suggestions,
        *history.signs,
        *(at for at, _ in bought),
    ]
    return Verdict(tuple(marks.values()), _next_change(counted, rule, now))


def _within(instants: Iterable[datetime], since: datetime) -> int:
    return sum(1 for at in instants if at > since)


def _next_change(instants: Iterable[datetime], rule: CustomerRules, now: datetime) -> datetime | None:
    return min((at + rule.horizon for at in instants if at + rule.horizon > now), default=None)


def _purchases(context: ServiceContext | None, since: datetime) -> list[tuple[datetime, float]]:
    """Those with a readable date inside the horizon."""
    dated = [(_day(purchase.at), purchase.amount or 0.0) for purchase in context.purchases] if context else []
    return [(at, price) for at, price in dated if at is not None and at > since]


def _day(written: str | None) -> datetime | None:
    """The beginning (UTC) of an ISO date or of the date of an ISO instant; None for anything else."""
    try:
        day = date.fromisoformat((written or "")[:10])
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
