"""CloudEvents 1.0 in binary mode, and the base of every event."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.vocabulary import CompletionRef, CustomerRef

TYPE_PREFIX = "aftercall."


class Event(BaseModel):
    """A fact told to others. Events only grow: new fields have defaults, unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    topic: ClassVar[str]
    version: ClassVar[int] = 1

    def key(self) -> str:
        """Record key: everything with the same key keeps its order."""
        raise NotImplementedError

    def correlation(self) -> str:
        """`ce_correlationid`: the completion this belongs to, else the key."""
        return self.key()


class CustomerEvent(Event):
    """An event about one customer; keyed by the customer."""

    customer_ref: CustomerRef

    def key(self) -> str:
        return self.customer_ref


class CompletionEvent(CustomerEvent):
    """An event about one completion of one customer."""

    completion_ref: CompletionRef

    def correlation(self) -> str:
        return self.completion_ref


@dataclass(frozen=True)
class Headers:
    """What an envelope says besides its body."""

    event_id: UUID
    source: str
    type: str
    time: datetime
    correlation: str
    cause: UUID | None = None

    def pairs(self) -> list[tuple[str, str]]:
        found = [
            ("ce_specversion", "1.0"),
            ("ce_id", str(self.event_id)),
            ("ce_source", self.source),
            ("ce_type", self.type),
            ("ce_time", self.time.isoformat()),
            ("ce_correlationid", self.correlation),
            ("content-type", "application/json"),
        ]
        if self.cause is not None:
            found.append(("ce_causationid", str(self.cause)))
        return found

    def encoded(self) -> list[tuple[str, bytes]]:
        return [(name, value.encode()) for name, value in self.pairs()]


def type_of(event: type[Event]) -> str:
    """`aftercall.<topic>.v<major>`"""
    return f"{TYPE_PREFIX}{event.topic}.v{event.version}"


def major_version(ce_type: str) -> int | None:
    """Major version named by a `ce_type` of ours; None when it is not of that form."""
    head, dot, tail = ce_type.rpartition(".v")
    return int(tail) if dot and head.startswith(TYPE_PREFIX) and tail.isdecimal() else None
