"""What a release tells survey: the `callback-due` of a permit, made ahead where nothing of it depends on the moment."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.events.parts import StartInterval
from contracts.events.scheduler import CallbackDue
from contracts.vocabulary import BlindIndex, CallbackId, CompletionRef, CustomerRef, Purpose, Sealed
from services.scheduler.callback import Callback, Notice, Permit
from services.scheduler.rules import Rules
from services.scheduler.windows import allowed_starts

_SEALED = {"contact", "context", "narrative"}
_UNSEALED = Sealed("")
_FORM = 2
"""Rises when a notice says more than before: what an older process left behind then holds no longer, and what this one
makes an older process makes anew."""


def made_under(rules: Rules) -> str:
    """What a notice of this program and these policies is marked with; one with another mark is not used."""
    return f"{rules.policies.version}/{_FORM}"


def with_notice(rules: Rules, callback: Callback, permit: Permit) -> Permit:
    """The permit with what its release will tell as long as callback and policy stay as they are.

    It holds from the due time to the end of the lawful hours of that day: later, fewer starts are left to tell.
    """
    event = callback_due(rules, callback, permit, now=permit.due_at, contact=_UNSEALED, context=_UNSEALED)
    if not event.intervals:
        return permit
    body = event.__pydantic_serializer__.to_json(event, exclude_none=True, exclude=_SEALED).decode()
    first, counts = event.intervals[0], callback.counted_at is None
    notice = Notice(
        body=body, begins=first.begins, until=first.ends, policy=made_under(rules), subjects=callback.subjects,
        completion_ref=callback.completion_ref, counts=counts, capped=counts and not callback.passes_budget,
    )  # fmt: skip
    return replace(permit, notice=notice)


def callback_due(
    rules: Rules, callback: Callback, permit: Permit, *, now: datetime, contact: str, context: str,
    narrative: str | None = None,
) -> CallbackDue:  # fmt: skip
    """Leave for this contact by the rules of this moment; what is sealed rides along as it came."""
    policy = rules.policies.scenarios[callback.scenario]
    return CallbackDue(
        customer_ref=CustomerRef(callback.customer_ref),
        completion_ref=CompletionRef(callback.completion_ref),
        callback_id=CallbackId(callback.callback_id),
        permit_no=permit.permit_no,
        parts=tuple(part.told() for part in callback.parts),
        scenario=callback.scenario,
        source=callback.source,
        service_id=callback.service_id,
        channel=permit.channel,
        channel_reason=permit.channel_reason,
        deadline=callback.deadline,
        not_after=permit.last_start,
        intervals=start_intervals(rules, callback, permit, now),
        zone=callback.zone,
        maximum_minutes=policy.maximum_minutes,
        priority=callback.priority,
        skill=permit.skill,
        reserved_agent=permit.reserved_agent,
        attempt_limit=max((retry.attempts for retry in policy.retries.values()), default=1),
        phone_index=BlindIndex(callback.phone_index) if callback.phone_index else None,
        email_index=BlindIndex(callback.email_index) if callback.email_index else None,
        in_design=callback.in_design and any(part.purpose is Purpose.SURVEY for part in callback.parts),
        contact=Sealed(contact),
        context=Sealed(context),
        narrative=Sealed(narrative) if narrative else None,
    )


def start_intervals(rules: Rules, callback: Callback, permit: Permit, now: datetime) -> tuple[StartInterval, ...]:
    """Every span from the due time on in which this permit may still start, for the check at the moment of dialling."""
    hard, zone = rules.hard[callback.scenario], ZoneInfo(callback.zone)
    spans = allowed_starts(max(permit.due_at, permit.not_before), permit.last_start, hard=hard, zone=zone)
    return tuple(StartInterval(begins=span.begins, ends=span.ends) for span in spans if span.ends >= now)
