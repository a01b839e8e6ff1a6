"""When and how followup asks for a progress callback."""

from datetime import datetime

from contracts.vocabulary import PromiseState, RequestState
from services.followup.case import Case
from services.followup.due import Workdays
from services.followup.promise import Promise
from services.followup.requests import Request, request_id
from services.followup.responses import Item

AUTHOR_IS_TOLD_WITHIN = "working_days:3"


def for_promise(promise: Promise, case: Case | None, agent: str | None, *, days: Workdays, now: datetime) -> Request:
    """Four working hours before the promise is due, whether or not its case is solved."""
    return Request(
        request_id=request_id("promise", promise.promise_id, promise.due_at.isoformat()),
        revision=1,
        state=RequestState.OPEN,
        customer_ref=promise.customer_ref,
        completion_ref=promise.completion_ref,
        case_id=case.case_id if case else None,
        promise_id=promise.promise_id,
        suggestion_id=None,
        not_before=now,
        deadline=days.deadline(promise.due_at, now),
        reserved_agent=agent,
        text=case.progress_text if case else None,
        requested_at=now,
    )


def for_solved_case(
    case: Case, promises: list[Promise], agent: str | None, *, days: Workdays, now: datetime
) -> Request:
    """At each solution of a case: the customer hears what was done, by the time the case (or its promise) is due."""
    still_open = [p for p in promises if p.state is PromiseState.OPEN]
    return Request(
        request_id=request_id("case", case.case_id, str(case.revision)),
        revision=1,
        state=RequestState.OPEN,
        customer_ref=case.customer_ref,
        completion_ref=case.completion_ref,
        case_id=case.case_id,
        promise_id=still_open[0].promise_id if still_open else None,
        suggestion_id=None,
        not_before=now,
        deadline=days.deadline(case.due_at, now),
        reserved_agent=agent,
        text=case.progress_text,
        requested_at=now,
    )


def for_suggestion(
    item: Item, text: str, agent: str | None, *, days: Workdays, now: datetime, occasion: str = "outcome"
) -> Request:
    """What became of a suggestion, told to its author once for each occasion."""
    return Request(
        request_id=request_id("suggestion", item.item_id, occasion),
        revision=1,
        state=RequestState.OPEN,
        customer_ref=item.customer_ref,
        completion_ref=item.completion_ref,
        case_id=None,
        promise_id=None,
        suggestion_id=item.item_id,
        not_before=now,
        deadline=days.due_at(AUTHOR_IS_TOLD_WITHIN, now),
        reserved_agent=agent,
        text=text,
        requested_at=now,
    )
