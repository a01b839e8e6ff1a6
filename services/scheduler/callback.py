"""A callback as it stands: its window, its parts, its permits. What all decisions about it look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from contracts.events.parts import About, CallbackPart
from contracts.vocabulary import (
    Channel,
    ChannelReason,
    Disposition,
    Explanation,
    NotAttempted,
    Priority,
    Purpose,
    ResponseStatus,
    Scenario,
)
from services.scheduler.contact import person_subject, subjects

AGING = timedelta(hours=24)
_CLASSES_ABOVE = len(Priority) - 1


def aging(due: datetime, last_start: datetime) -> timedelta:
    """Waiting this long lifts a permit over one class of priority (SC9): a day, and less where the window is short, so
    that each is ahead of every newcomer while half of its window is left. Nothing starves."""
    return max(timedelta(0), min(AGING, (last_start - due) / 2 / _CLASSES_ABOVE))


class PermitState(StrEnum):
    PENDING = "pending"
    RELEASED = "released"
    ENDED = "ended"


class PermitKind(StrEnum):
    FIRST = "first"
    RETRY = "retry"
    AGREED = "agreed"
    """At a time, or on a channel, that the customer asked for; may pass the deadline."""


@dataclass(frozen=True)
class Part:
    part_id: str
    purpose: Purpose
    round: int
    questionnaire: str
    about: Mapping[str, Any] | None = None
    text: str | None = None
    request_id: str | None = None
    response_id: str | None = None
    heard: ResponseStatus | None = None
    """Status of its final response."""

    def told(self) -> CallbackPart:
        about = About.model_validate(self.about) if self.about else None
        return CallbackPart.model_validate({
            "part_id": self.part_id, "purpose": self.purpose, "round": self.round,
            "questionnaire": self.questionnaire, "about": about, "text": self.text, "request_id": self.request_id,
        })  # fmt: skip


@dataclass(frozen=True)
class Notice:
    """What is told at the release of a permit, but for what is sealed: a JSON object; and what the release looks at.

    It holds while the callback stays as it is. Between `begins` and `until` a start is lawful by `policy`."""

    body: str
    begins: datetime
    until: datetime
    policy: str
    """The version of the policies and the form of the notice (`notice.made_under`)."""
    subjects: tuple[str, ...]
    completion_ref: str
    counts: bool
    """Is the callback counted against the person's budget by this release?"""
    capped: bool
    """May the release happen only while that budget has room?"""


@dataclass(frozen=True)
class Permit:
    callback_id: str
    permit_no: int
    customer_ref: str
    channel: Channel
    channel_reason: ChannelReason
    due_at: datetime
    urgency: datetime
    """Order of release: the due time, later by its aging for each class of priority below the first."""
    skill: str
    kind: PermitKind
    not_before: datetime
    last_start: datetime
    planned_at: datetime
    plan: Mapping[str, Any] = field(default_factory=dict)
    reserved_agent: str | None = None
    state: PermitState = PermitState.PENDING
    cancelled: str | None = None
    disposition: Disposition | None = None
    not_attempted: NotAttempted | None = None
    link_until: datetime | None = None
    """Until when the link of its message can be opened."""
    notice: Notice | None = None
    """Set while it is planned only; what is loaded has none, so that what is planned again is written anew."""

    @property
    def was_tried(self) -> bool:
        return self.disposition not in (None, Disposition.NOT_ATTEMPTED)


@dataclass(frozen=True)
class Callback:
    callback_id: str
    completion_ref: str
    customer_ref: str
    source: str
    service_id: str
    scenario: Scenario
    not_before: datetime
    deadline: datetime
    not_after: datetime
    priority: Priority
    skill: str
    zone: str
    in_design: bool
    opened_at: datetime
    phone_index: str | None = None
    email_index: str | None = None
    reserved_agent: str | None = None
    channel_wish: Channel | None = None
    channels: tuple[Channel, ...] | None = None
    """Open to this customer by the pilots of the channels; None: all of the policy."""
    answered: Mapping[int, int] = field(default_factory=dict)
    """Calls that the customer answered before, by the hour of their own clock (SC3)."""
    passes_budget: bool = False
    """A part of it keeps a promise: it passes the cap of the contact budget, and counts (SC7)."""
    counted_at: datetime | None = None
    first_tried_at: datetime | None = None
    last_word: Explanation | None = None
    """What it ends as when nothing more is heard."""
    explanation: Explanation | None = None
    parts: tuple[Part, ...] = ()
    permits: tuple[Permit, ...] = ()

    @property
    def person(self) -> str:
        """Whose contact budget it uses."""
        return person_subject(self.phone_index, self.email_index, self.customer_ref)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everything under which this customer may have asked not to be contacted."""
        return subjects(self.phone_index, self.email_index, self.customer_ref)

    @property
    def reachable(self) -> frozenset[Channel]:
        """Channels for which there is contact data."""
        spoken = dict.fromkeys((Channel.PHONE, Channel.IVR, Channel.SMS), self.phone_index)
        known = {**spoken, Channel.EMAIL: self.email_index}
        return frozenset(channel for channel, index in known.items() if index)

    def own_hours(self, calls: int) -> tuple[int, ...]:
        """Hours of the day in which so many calls were answered, or more."""
        return tuple(sorted(hour for hour, times in self.answered.items() if times >= calls))

    @property
    def is_open(self) -> bool:
        return self.explanation is None

    @property
    def waits_for_first_release(self) -> bool:
        return self.is_open and all(p.state is PermitState.PENDING for p in self.permits)

    @property
    def next_permit_no(self) -> int:
        return max((p.permit_no for p in self.permits), default=0) + 1

    def permit(self, number: int) -> Permit | None:
        return next((p for p in self.permits if p.permit_no == number), None)

    def pending(self) -> Permit | None:
        return next((p for p in self.permits if p.state is PermitState.PENDING), None)

    def tried(self, channel: Channel) -> int:
        return sum(p.was_tried and p.channel is channel for p in self.permits)

    def link_open_until(self, now: datetime) -> datetime | None:
        """When its last link ends; None when none is open."""
        ends = [p.link_until for p in self.permits if p.link_until is not None and p.link_until > now]
        return max(ends, default=None)

    def heard(self) -> ResponseStatus | None:
        """Status over all parts; None while one of them has no final response."""
        if not self.parts or any(part.heard is None for part in self.parts):
            return None
        complete = all(part.heard is ResponseStatus.COMPLETE for part in self.parts)
        return ResponseStatus.COMPLETE if complete else ResponseStatus.PARTIAL

    def missed_deadline(self, now: datetime) -> bool:
        """Did the first attempt start after the deadline, or never? (SC5)"""
        return (self.first_tried_at or now) > self.deadline
