"""The wish for a second contact: what it is about, by when, by whom, with which words."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.events.followup import CallbackRequested
from contracts.events.parts import About
from contracts.ids import named_id
from contracts.vocabulary import CaseId, PromiseId, Purpose, RequestState, ResponseId, Sealed


@dataclass(frozen=True)
class Request:
    """`text` is sealed as `progress`."""

    request_id: str
    revision: int
    state: RequestState
    customer_ref: str
    completion_ref: str
    case_id: str | None
    promise_id: str | None
    suggestion_id: str | None
    not_before: datetime
    deadline: datetime
    reserved_agent: str | None
    text: str | None
    requested_at: datetime


def request_id(kind: str, subject: str, occasion: str) -> str:
    """The same occasion never asks twice: a case's `revision` of its action, a promise's due time."""
    return named_id("progress", kind, subject, occasion)


def withdrawn(request: Request) -> Request:
    return replace(request, state=RequestState.WITHDRAWN, revision=request.revision + 1)


def told(request: Request, response_id: str | None) -> CallbackRequested:
    return CallbackRequested.model_validate({
        "customer_ref": request.customer_ref,
        "completion_ref": request.completion_ref,
        "request_id": request.request_id,
        "revision": request.revision,
        "state": request.state,
        "purpose": Purpose.PROGRESS,
        "about": About(
            response_id=ResponseId(response_id) if response_id else None,
            case_id=CaseId(request.case_id) if request.case_id else None,
            promise_id=PromiseId(request.promise_id) if request.promise_id else None,
            suggestion_id=request.suggestion_id,
        ),
        "not_before": request.not_before,
        "deadline": request.deadline,
        "reserved_agent": request.reserved_agent,
        "text": Sealed(request.text) if request.text else None,
    })  # fmt: skip
