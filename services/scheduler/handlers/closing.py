"""Giving a callback its one explanation."""

from collections.abc import Sequence
from typing import Literal

from chassis.transaction import Transaction
from contracts.events.scheduler import CallbackCancelled, CallbackClosed
from contracts.vocabulary import CallbackId, CompletionRef, CustomerRef, Explanation, Purpose, ResponseId
from services.scheduler.callback import Callback, PermitState
from services.scheduler.metrics import CLOSED
from services.scheduler.store import callbacks, ledger, permits

CancelReason = Literal["suppressed", "corrected", "withdrawn", "erased", "answered"]

_WHY: dict[Explanation, CancelReason] = {
    Explanation.OPTED_OUT: "suppressed",
    Explanation.COMPLETE: "answered",
    Explanation.PARTIAL: "answered",
    Explanation.ERASED: "erased",
}


async def close(tx: Transaction, closings: Sequence[tuple[Callback, Explanation]]) -> list[Callback]:
    """Returns those that were open until now. Their permits end, or are called back where survey holds them."""
    if not closings:
        return []
    closed = await callbacks.close(tx.connection, [(c.callback_id, why) for c, why in closings], tx.now)
    fresh = [(callback, why) for callback, why in closings if callback.callback_id in closed]
    await cancel(
        tx,
        [
            (callback, permit.permit_no, _WHY.get(why, "withdrawn"))
            for callback, why in fresh
            for permit in callback.permits
            if permit.state is not PermitState.ENDED
        ],
    )
    surveys = [(c.completion_ref, why.value) for c, why in fresh if _has_survey(c)]
    await ledger.explain(tx.connection, surveys, tx.now)
    for callback, why in fresh:
        tx.emit(_told(tx, callback, why))
        tx.count(CLOSED.labels(why))
    return [callback for callback, _ in fresh]


async def cancel(tx: Transaction, cancelled: Sequence[tuple[Callback, int, CancelReason]]) -> None:
    """Pending permits end silently; released ones are told to survey, which ends them by an attempt-closed."""
    if not cancelled:
        return
    by_id = {callback.callback_id: callback for callback, _, _ in cancelled}
    reasons: dict[tuple[str, int], CancelReason] = {(c.callback_id, number): why for c, number, why in cancelled}
    asked = [(callback_id, number, str(why)) for (callback_id, number), why in reasons.items()]
    for callback_id, number, _ in await permits.cancel(tx.connection, asked, tx.now):
        callback = by_id[callback_id]
        tx.emit(
            CallbackCancelled(
                customer_ref=CustomerRef(callback.customer_ref),
                completion_ref=CompletionRef(callback.completion_ref),
                callback_id=CallbackId(callback_id),
                permit_no=number,
                reason=reasons[callback_id, number],
            )
        )


def _has_survey(callback: Callback) -> bool:
    return any(part.purpose is Purpose.SURVEY for part in callback.parts)


def _told(tx: Transaction, callback: Callback, why: Explanation) -> CallbackClosed:
    survey_first = sorted(callback.parts, key=lambda part: part.purpose is not Purpose.SURVEY)
    response_id = next((part.response_id for part in survey_first if part.response_id), None)
    return CallbackClosed(
        customer_ref=CustomerRef(callback.customer_ref),
        completion_ref=CompletionRef(callback.completion_ref),
        callback_id=CallbackId(callback.callback_id),
        explanation=why,
        parts=tuple(part.told() for part in callback.parts),
        permits=sum(permit.was_tried or permit.state is PermitState.RELEASED for permit in callback.permits),
        response_id=ResponseId(response_id) if response_id else None,
        deadline_missed=callback.missed_deadline(tx.now),
        in_design=callback.in_design,
        closed_at=tx.now,
    )
