"""The telephone network of the demo: a number rings at somebody's, and they do what they do."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from launcher.demo.customer import OnThePhone, Ring, Work
from launcher.demo.memory import Contact, Memory

_AGREED = time(15, 0)


@dataclass
class Telephone:
    """Finds the customer by number, and the work by when it was completed: what a caller names once confirmed."""

    memory: Memory
    rung: dict[tuple[str, str], int] = field(default_factory=dict)

    def works_of(self, number: str) -> list[Work]:
        return [work for work in self.memory.works.values() if work.customer.phone == number]

    def ring(self, number: str, completed_at: datetime, now: datetime) -> tuple[Work, Ring]:
        """Every ring is remembered. Raises LookupError for a number or a work that nobody has."""
        work = next((w for w in self.works_of(number) if w.completed_at == completed_at), None)
        if work is None:
            raise LookupError("a call for a work that this number never had")
        count = self.rung.get(work.key, 0)
        self.rung[work.key] = count + 1
        self.memory.contacts.append(
            Contact(work.customer.customer_id, "phone", now, work.customer.zone, number, work.key)
        )
        return work, work.habits.ring(count)

    def says(self, work: Work, purpose: str) -> OnThePhone:
        """A customer asks for another time once; whoever is called about their own complaint listens."""
        if work.habits.phone is OnThePhone.LATER and work.key in self.memory.agreed:
            return OnThePhone.TALK
        return work.habits.phone if purpose == "survey" else OnThePhone.TALK


def tomorrow(now: datetime, zone: str) -> datetime:
    """Three in the afternoon of the next day on the customer's clock."""
    day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(day, _AGREED, ZoneInfo(zone)).astimezone(UTC)
