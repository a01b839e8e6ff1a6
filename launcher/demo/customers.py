"""Customers with a mailbox: they read their letters when it suits them, and do with the link what they do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from launcher.demo.calendar import next_lot
from launcher.demo.customer import WithTheLink, Work
from launcher.demo.mailbox import Letter, Mailbox
from launcher.demo.memory import Answered, Contact, Memory
from launcher.demo.online import Lost, answer_online

_AT_ONCE = 4
_ABOUT = {"进展": "progress", "核实": "verification"}
"""What a letter asks about, by a word of its subject."""
"""In the subject of a letter about what the customer complained of."""


@dataclass(frozen=True)
class Visit:
    at: datetime
    link: str
    work: Work
    purpose: str


@dataclass
class Customers:
    base: str
    mailbox: Mailbox
    memory: Memory
    by_address: Mapping[str, tuple[Work, ...]]
    visits: list[Visit] = field(default_factory=list)

    def next_due(self) -> datetime | None:
        return min((visit.at for visit in self.visits), default=None)

    async def act(self, now: datetime) -> int:
        """How many letters were opened and links used."""
        letters = self.mailbox.take()
        for letter in letters:
            self._read(letter)
        due = [visit for visit in self.visits if visit.at <= now]
        self.visits = [visit for visit in self.visits if visit.at > now]
        for number in range(0, len(due), _AT_ONCE):
            await asyncio.gather(*(self._visit(visit, now) for visit in due[number : number + _AT_ONCE]))
        return len(letters) + len(due)

    def _read(self, letter: Letter) -> None:
        works = self.by_address.get(letter.address, ())
        purpose = next((purpose for word, purpose in _ABOUT.items() if word in letter.subject), "survey")
        work = self._meant(works, purpose, letter.at)
        if work is None or letter.link is None:
            self.memory.troubles.append(f"a letter that nobody expected: {letter.subject}")
            return
        self.memory.contacts.append(
            Contact(work.customer.customer_id, "email", letter.at, work.customer.zone, letter.address, work.key)
        )
        if work.habits.link is not WithTheLink.IGNORE:
            self.visits.append(Visit(next_lot(letter.at + work.habits.reads_after), letter.link, work, purpose))

    def _meant(self, works: tuple[Work, ...], purpose: str, at: datetime) -> Work | None:
        """The latest work that this letter can be about."""
        heard = {one.service for one in self.memory.surveys()}
        known = [work for work in works if work.told_at <= at and (purpose == "survey" or work.key in heard)]
        return max(known, key=lambda work: work.told_at, default=None)

    async def _visit(self, visit: Visit, now: datetime) -> None:
        work, key = visit.work, visit.work.key
        round_no = self.memory.round_of(key)
        try:
            done = await answer_online(
                self.base, visit.link, work, purpose=visit.purpose, round_no=round_no
            )  # fmt: skip
        except Lost as lost:
            self.memory.troubles.append(f"{key[1]}: {lost}")
            return
        if done.stopped:
            self.memory.stops[work.customer.customer_id] = now
            self.memory.last_word[key] = WithTheLink.STOP.value
            return
        self.memory.answered.append(Answered(key, visit.purpose, now, done.answers, done.submitted, "email"))
        self.memory.last_word[key] = "submitted" if done.submitted else "left"


def by_address(works: Mapping[tuple[str, str], Work], moved_to: Mapping[str, Work]) -> dict[str, tuple[Work, ...]]:
    """Whose letters come to which address; `moved_to`: addresses that were corrected."""
    found: dict[str, tuple[Work, ...]] = {address: (work,) for address, work in moved_to.items()}
    for work in works.values():
        if work.customer.email is not None:
            found[work.customer.email] = (*found.get(work.customer.email, ()), work)
    return found
