"""Rows as values: the two shapes that several questions select."""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from contracts.events.parts import CallbackPart, StartInterval
from contracts.vocabulary import CallbackId, Channel, ChannelReason, CompletionRef, CustomerRef, Priority, Scenario
from services.survey.interview import Callback
from services.survey.permits import Permit, PermitState

CALLBACK_COLUMNS = """callback.callback_id, callback.customer_ref, callback.completion_ref, callback.source,
    callback.service_id, callback.scenario, callback.month, callback.parts, callback.in_design, callback.context,
    callback.narrative"""
PERMIT_COLUMNS = f"""{CALLBACK_COLUMNS}, permit.permit_no, permit.channel, permit.channel_reason, permit.state,
    permit.starts, permit.deadline, permit.not_after, permit.zone, permit.maximum_minutes, permit.priority,
    permit.skill, permit.reserved_agent, permit.attempt_limit, permit.phone_index, permit.email_index, permit.contact,
    permit.received_at"""
PERMIT_TABLES = "permit JOIN callback USING (callback_id)"


def callback_from(row: Mapping[str, Any]) -> Callback:
    return Callback(
        callback_id=CallbackId(row["callback_id"]),
        customer_ref=CustomerRef(row["customer_ref"]),
        completion_ref=CompletionRef(row["completion_ref"]),
        source=row["source"],
        service_id=row["service_id"],
        scenario=Scenario(row["scenario"]),
        month=row["month"],
        parts=tuple(CallbackPart.model_validate(part) for part in row["parts"]),
        in_design=row["in_design"],
        context=row["context"],
        narrative=row["narrative"],
    )


def permit_from(row: Mapping[str, Any]) -> Permit:
    return Permit(
        callback=callback_from(row),
        permit_no=row["permit_no"],
        channel=Channel(row["channel"]),
        channel_reason=ChannelReason(row["channel_reason"]),
        state=PermitState(row["state"]),
        starts=tuple(_interval(span) for span in row["starts"]),
        deadline=row["deadline"],
        not_after=row["not_after"],
        zone=row["zone"],
        maximum_minutes=row["maximum_minutes"],
        priority=Priority(row["priority"]),
        skill=row["skill"],
        reserved_agent=row["reserved_agent"],
        attempt_limit=row["attempt_limit"],
        phone_index=row["phone_index"],
        email_index=row["email_index"],
        contact=row["contact"],
        received_at=row["received_at"],
    )


def multirange(starts: Iterable[StartInterval]) -> str:
    """Start intervals as a literal of `tstzmultirange`, both ends included."""
    spans = (f"[{interval.begins.isoformat()},{interval.ends.isoformat()}]" for interval in starts)
    return "{" + ",".join(spans) + "}"


def _interval(span: asyncpg.Range) -> StartInterval:
    return StartInterval(begins=span.lower, ends=span.upper)
