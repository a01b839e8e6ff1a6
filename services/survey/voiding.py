"""Records out of the figures, and the wish to ask once more: transaction functions."""

from collections.abc import Sequence
from datetime import timedelta

from chassis.transaction import Transaction
from contracts.events.followup import CallbackRequested
from contracts.events.parts import About
from contracts.events.survey import ResponseVoided
from contracts.ids import named_id
from contracts.vocabulary import CompletionRef, CustomerRef, Purpose, RequestState, ResponseId
from services.survey import feed
from services.survey.interview import Callback
from services.survey.metrics import VOIDED
from services.survey.quality import duplicates
from services.survey.store import quality
from services.survey.store.quality import RequestRow, Voided

RULES = "rules"
"""Who voids what no person looked at."""
VERIFY_WITHIN = timedelta(hours=72)  # an answer is remembered for some days


async def void(tx: Transaction, voided: Sequence[tuple[str, str]], *, by: str) -> list[str]:
    """Response ids with their reasons. Returns those that were not voided before: only these are told.

    What was to be asked once more about them is withdrawn.
    """
    if not voided:
        return []
    reasons = dict(voided)
    fresh = await quality.void(tx.connection, voided, by=by, now=tx.now)
    told = [(_event(one, reasons[one.response_id], by=by, tx=tx), one.source, one.service_id) for one in fresh]
    for event, _, _ in told:
        tx.count(VOIDED.labels("duplicate" if by == RULES else "decided"))
        tx.emit(event)
    await feed.void(tx, told)
    ids = [one.response_id for one in fresh]
    for request in await quality.withdraw_requests(tx.connection, ids):
        tx.emit(_told(request))
    return ids


async def void_duplicates(tx: Transaction, told: Sequence[tuple[str, Callback]]) -> set[str]:
    """Of several records of one service, purpose and round the winner stays. Returns all that were voided now.

    `told`: response ids just told, in order, with their callbacks.
    """
    records = await quality.records_of(tx.connection, {(one.source, one.service_id) for _, one in told})
    found = duplicates(records, [response_id for response_id, _ in told])
    return set(await void(tx, [(one.response_id, f"duplicate of {one.of}") for one in found], by=RULES))


async def ask_once_more(tx: Transaction, unexplained: Sequence[tuple[str, Callback]]) -> None:
    """Response ids with their callbacks. Asks once for each, whatever happens."""
    if not unexplained:
        return
    requests = [
        RequestRow(
            request_id=named_id("verification", response_id),
            response_id=response_id,
            customer_ref=callback.customer_ref,
            completion_ref=callback.completion_ref,
            revision=1,
            state=RequestState.OPEN,
            not_before=tx.now,
            deadline=tx.now + VERIFY_WITHIN,
        )
        for response_id, callback in unexplained
    ]
    fresh = await quality.insert_requests(tx.connection, requests)
    for request in requests:
        if request.request_id in fresh:
            tx.emit(_told(request))


def _event(one: Voided, reason: str, *, by: str, tx: Transaction) -> ResponseVoided:
    return ResponseVoided(
        customer_ref=CustomerRef(one.customer_ref),
        completion_ref=CompletionRef(one.completion_ref),
        response_id=ResponseId(one.response_id),
        reason=reason,
        by=by,
        voided_at=tx.now,
    )


def _told(request: RequestRow) -> CallbackRequested:
    return CallbackRequested(
        customer_ref=CustomerRef(request.customer_ref),
        completion_ref=CompletionRef(request.completion_ref),
        request_id=request.request_id,
        revision=request.revision,
        state=request.state,
        purpose=Purpose.VERIFICATION,
        about=About(response_id=ResponseId(request.response_id)),
        not_before=request.not_before,
        deadline=request.deadline,
    )
