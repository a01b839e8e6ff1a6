"""What the simulated people lived through. The score compares the product's words with these."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from launcher.demo.customer import Work

Key = tuple[str, str]
"""(source, service_id)."""


@dataclass(frozen=True)
class Contact:
    """A telephone that rang, or a letter that arrived. `service`: what it was about, where the customer was told."""

    customer_id: str
    channel: str
    at: datetime
    zone: str
    address: str
    service: Key | None = None


@dataclass(frozen=True)
class Answered:
    """One questionnaire that a customer went through. `complete`: to its end."""

    service: Key
    purpose: str
    at: datetime
    answers: Mapping[str, Any]
    complete: bool
    channel: str


@dataclass(frozen=True)
class Promised:
    service: Key
    promise_id: str
    department: str
    due_at: datetime


@dataclass
class Memory:
    """Written by the people, read by the score."""

    works: Mapping[Key, Work]
    contacts: list[Contact] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    promised: list[Promised] = field(default_factory=list)
    stops: dict[str, datetime] = field(default_factory=dict)
    """When each customer asked not to be contacted again."""
    agreed: dict[Key, datetime] = field(default_factory=dict)
    last_word: dict[Key, str] = field(default_factory=dict)
    """What the customer did at the last first-hand contact about a service."""
    troubles: list[str] = field(default_factory=list)
    """What went otherwise than a person could understand."""
    calls: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    def surveys(self) -> list[Answered]:
        return [one for one in self.answered if one.purpose == "survey"]

    def second(self) -> list[Answered]:
        return [one for one in self.answered if one.purpose == "progress"]

    def round_of(self, service: Key) -> int:
        """How many second callbacks the customer has answered about this service."""
        return sum(one.service == service for one in self.second())
