"""What a permit allows: when a contact may start, and whom a suppression stops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from contracts.events.parts import StartInterval
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import Channel, ChannelReason, NotAttempted, Priority, Sealed, SuppressionScope
from services.survey.interview import Callback

LinkWay = Literal[Channel.SMS, Channel.EMAIL]
MESSAGES = frozenset({Channel.SMS, Channel.EMAIL})
_TICK = timedelta(seconds=1)

_COVERS: dict[SuppressionScope, frozenset[Channel]] = {
    SuppressionScope.ALL: frozenset(Channel),
    SuppressionScope.PHONE: frozenset({Channel.PHONE, Channel.IVR}),
    SuppressionScope.SMS: frozenset({Channel.SMS}),
    SuppressionScope.EMAIL: frozenset({Channel.EMAIL}),
}
_WITHDRAWN = {"suppressed": NotAttempted.SUPPRESSED, "answered": NotAttempted.ALREADY_ANSWERED}


class PermitState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    DIALLED = "dialled"
    SENDING = "sending"
    CLOSED = "closed"


STOPPABLE = (PermitState.OPEN, PermitState.CLAIMED)
"""Nothing has reached the customer yet."""


@dataclass(frozen=True)
class Permit:
    """Leave for one contact on one channel. `contact` is None after an erasure."""

    callback: Callback
    permit_no: int
    channel: Channel
    channel_reason: ChannelReason
    state: PermitState
    starts: tuple[StartInterval, ...]
    deadline: datetime
    not_after: datetime
    zone: str
    maximum_minutes: int
    priority: Priority
    skill: str
    reserved_agent: str | None
    attempt_limit: int
    phone_index: str | None
    email_index: str | None
    contact: Sealed | None
    received_at: datetime

    @property
    def indexes(self) -> tuple[str, ...]:
        return tuple(index for index in (self.phone_index, self.email_index) if index is not None)


def permit_told(event: CallbackDue, month: str, received_at: datetime) -> Permit:
    """The permit of this event, not used so far. `month`: that of its completion."""
    callback = Callback(
        callback_id=event.callback_id,
        customer_ref=event.customer_ref,
        completion_ref=event.completion_ref,
        source=event.source,
        service_id=event.service_id,
        scenario=event.scenario,
        month=month,
        parts=event.parts,
        in_design=event.in_design,
        context=event.context,
        narrative=event.narrative,
    )
    return Permit(
        callback=callback,
        permit_no=event.permit_no,
        channel=event.channel,
        channel_reason=event.channel_reason,
        state=PermitState.OPEN,
        starts=event.intervals,
        deadline=event.deadline,
        not_after=event.not_after,
        zone=event.zone,
        maximum_minutes=event.maximum_minutes,
        priority=event.priority,
        skill=event.skill,
        reserved_agent=event.reserved_agent,
        attempt_limit=event.attempt_limit,
        phone_index=event.phone_index,
        email_index=event.email_index,
        contact=event.contact,
        received_at=received_at,
    )


def link_ways(permit: Permit, *, by_text: bool) -> tuple[LinkWay, ...]:
    """By which ways a link can reach this customer; `by_text`: there is a gateway for text messages."""
    known: tuple[tuple[LinkWay, bool], ...] = (
        (Channel.SMS, by_text and permit.phone_index is not None),
        (Channel.EMAIL, permit.email_index is not None),
    )
    return tuple(way for way, leads in known if leads)


def may_start(starts: Iterable[StartInterval], now: datetime) -> bool:
    return any(interval.begins <= now <= interval.ends for interval in starts)


def next_start(starts: Sequence[StartInterval], now: datetime) -> datetime | None:
    """The first allowed instant from `now` on; None when all of them have passed."""
    return min((max(interval.begins, now) for interval in starts if interval.ends >= now), default=None)


def given_up_at(starts: Sequence[StartInterval], not_after: datetime) -> datetime:
    """When an unclaimed permit is of no use any more: just after the last instant at which it may start."""
    return min([not_after, max((interval.ends for interval in starts), default=not_after)]) + _TICK


def scopes_over(channel: Channel) -> frozenset[SuppressionScope]:
    """Suppressions that forbid this channel."""
    return frozenset(scope for scope, channels in _COVERS.items() if channel in channels)


def channels_under(scope: SuppressionScope) -> frozenset[Channel]:
    return _COVERS[scope]


def why_withdrawn(reason: str) -> NotAttempted:
    """What a withdrawn permit ends as; `reason` is that of `callback-cancelled`."""
    return _WITHDRAWN.get(reason, NotAttempted.CANCELLED)
