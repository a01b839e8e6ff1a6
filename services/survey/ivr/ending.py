"""The one end of a rating call and of its permit, told by its worker or by time."""

from datetime import timedelta

from chassis.runtime import Loop, Runtime
from chassis.transaction import Transaction
from services.survey import attempts, recording, telling
from services.survey.ivr import events, outcome
from services.survey.metrics import RATING_CALLS_ENDED
from services.survey.store import hosted_steps, permits, rating_calls
from services.survey.store.rating_calls import RatingCall


async def finish(runtime: Runtime, call: RatingCall, told: events.Finish) -> None:
    """The one end of the call and of its permit. May run twice; the second run changes nothing."""
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        await _end(tx, call, told)


async def end_lost(runtime: Runtime, limit: int = 200) -> int:
    """Calls of which no worker told the end: by what is stored of them."""
    now = await runtime.now()
    async with runtime.reading() as connection:
        due = await rating_calls.lost(connection, now, limit)
    if not due:
        return 0
    ended = 0
    async with runtime.transaction(customers={call.customer_ref for call in due}, skip_locked=True) as tx:
        for call in due:
            if call.customer_ref in tx.customers:
                await _end(tx, call, unheard_end(call))
                ended += 1
    return ended


def unheard_end(call: RatingCall) -> events.Finish:
    """Of a call whose end nobody saw. Cause 19: no answer."""
    after = events.After.TRANSFERRED if call.agent_answered_at else events.After.HUNG_UP if call.tune_begun_at else None
    return events.Finish(call.answered_at is not None, 19, stored=True, after=after)


async def _end(tx: Transaction, call: RatingCall, told: events.Finish) -> None:
    if not await rating_calls.finish(tx.connection, call.key, at=tx.now, cause=told.cause, after=told.after):
        return
    tx.count(RATING_CALLS_ENDED.labels(str(told.cause)))
    await hosted_steps.forget(tx.connection, call.channel_id)
    permit = await permits.permit_of(tx.connection, *call.key)
    interview = await recording.interview_of(tx.connection, tx.vault, call.callback_id)
    known = await rating_calls.call_of(tx.connection, call.key)
    assert permit is not None, "a call has its permit"  # noqa: S101
    assert known is not None, "it was ended a moment ago"  # noqa: S101
    if interview is None:
        how = outcome.unreached(told.cause)
    else:
        how = outcome.ended(told, interview)
        if known.answered_at is not None and interview.ended_at is None and how.not_attempted is None:
            await telling.conclude(tx, interview, final=True)
    played = known.tune_end != events.TuneEnd.FAILED
    ending = attempts.Ending(
        disposition=how.disposition,
        not_attempted=how.not_attempted,
        detail=how.detail,
        started_at=known.dialled_at,
        connected_at=known.answered_at,
        tune=known.tune if played else None,
        tune_pilot=known.tune_pilot if played else None,
        transferred=known.agent_answered_at is not None,
    )
    await attempts.close(tx, permit, ending)


LOOPS = (Loop("rating-calls", end_lost, timedelta(seconds=1), rating_calls.next_lost),)
