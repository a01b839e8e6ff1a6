"""Documents and events as the scheduler meets them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from contracts.events.followup import CallbackRequested
from contracts.events.intake import ContactPreferenceChanged, ServiceCompleted
from contracts.events.parts import About
from contracts.events.scheduler import CallbackDue
from contracts.events.survey import AttemptClosed, OptOutRequested, ResponseRecorded
from contracts.vocabulary import (
    BlindIndex,
    Channel,
    CustomerRef,
    Disposition,
    Purpose,
    RequestState,
    ResponseId,
    ResponseStatus,
    Sealed,
    SuppressionScope,
)

NOW = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
_numbers = count(1)


def a_completion(**fields: Any) -> ServiceCompleted:
    """A complaint by default: a certainty stratum, so that it is always drawn."""
    number = next(_numbers)
    customer = {
        "customer_id": f"C-{number}",
        "name": "客户甲",
        "phone": f"1380013{number:04d}",
        **fields.pop("customer", {}),
    }
    document = {
        "source": "crm-east",
        "service_id": f"S-{number}",
        "scenario": "complaint",
        "completed_at": NOW - timedelta(hours=1),
        "customer": customer,
        **fields,
    }
    return ServiceCompleted.model_validate(document)


def an_attempt(due: CallbackDue, disposition: Disposition, *, at: datetime, **fields: Any) -> AttemptClosed:
    return AttemptClosed.model_validate({
        "customer_ref": due.customer_ref, "completion_ref": due.completion_ref,
        "attempt_id": f"{due.callback_id}-{due.permit_no}", "callback_id": due.callback_id, "permit_no": due.permit_no,
        "parts": due.parts, "channel": due.channel, "channel_reason": due.channel_reason,
        "purpose": due.parts[0].purpose, "round": due.parts[0].round, "disposition": disposition,
        "started_at": at, "ended_at": at, **fields,
    })  # fmt: skip


def a_response(
    due: CallbackDue, *, at: datetime, status: ResponseStatus = ResponseStatus.COMPLETE, **fields: Any
) -> ResponseRecorded:
    part = due.parts[0]
    return ResponseRecorded.model_validate({
        "customer_ref": due.customer_ref, "completion_ref": due.completion_ref,
        "response_id": ResponseId(f"R-{due.callback_id}"), "revision": 1, "status": status, "final": True,
        "callback_id": due.callback_id, "permit_no": due.permit_no, "part_id": part.part_id, "purpose": part.purpose,
        "round": part.round, "channel": due.channel, "channel_reason": due.channel_reason, "in_design": True,
        "questionnaire": part.questionnaire, "questionnaire_version": 1, "content_hash": "0" * 64,
        "answers": Sealed("s1.f.2026-10."), "started_at": at, "ended_at": at, "recorded_at": at,
        "context": due.context, **fields,
    })  # fmt: skip


def a_request(due: CallbackDue, *, not_before: datetime, deadline: datetime, **fields: Any) -> CallbackRequested:
    return CallbackRequested.model_validate({
        "customer_ref": due.customer_ref, "completion_ref": due.completion_ref, "request_id": f"Q-{next(_numbers)}",
        "revision": 1, "state": RequestState.OPEN, "purpose": Purpose.PROGRESS,
        "about": About(response_id=ResponseId("R-1")), "not_before": not_before, "deadline": deadline, **fields,
    })  # fmt: skip


def an_opt_out(ref: CustomerRef, phone_index: BlindIndex | None, at: datetime) -> OptOutRequested:
    return OptOutRequested(
        customer_ref=ref, phone_index=phone_index, scope=SuppressionScope.ALL, channel=Channel.PHONE, requested_at=at
    )


def a_preference(document: ServiceCompleted, state: str, at: datetime, scope: str = "all") -> ContactPreferenceChanged:
    return ContactPreferenceChanged.model_validate({
        "source": document.source, "customer": {"customer_id": document.customer.customer_id},
        "scope": scope, "state": state, "changed_at": at,
    })  # fmt: skip
