"""One contact budget per person, over every channel and purpose (SC7)."""

from dataclasses import dataclass
from datetime import datetime

from services.scheduler.house import BudgetRule


@dataclass(frozen=True)
class Used:
    """`count` callbacks of the person inside the rolling span; `free_at`: when one more may begin, None: now."""

    count: int
    free_at: datetime | None


_UNUSED = Used(0, None)


@dataclass
class Budgets:
    """When each person's callbacks were counted, within the rolling span."""

    counted: dict[str, list[datetime]]

    def used(self, person: str, *, now: datetime, rule: BudgetRule) -> Used:
        if person not in self.counted:
            return _UNUSED
        recent = sorted(at for at in self.counted[person] if at > now - rule.span)
        full = len(recent) >= rule.callbacks
        return Used(len(recent), recent[-rule.callbacks] + rule.span if full else None)

    def count(self, person: str, now: datetime) -> None:
        self.counted.setdefault(person, []).append(now)
