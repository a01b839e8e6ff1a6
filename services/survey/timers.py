"""What time does by itself: permits nobody used, interviews gone quiet, links that die."""

from datetime import timedelta

from chassis.runtime import Loop, Runtime
from contracts.vocabulary import NotAttempted
from services.survey import attempts, recording, telling
from services.survey.permits import MESSAGES, PermitState
from services.survey.store import interviews, links, permits

BATCH = 500
_EVERY = timedelta(seconds=1)


async def give_up_permits(runtime: Runtime) -> int:
    """Open permits that can start no more end as unclaimed, messages as late."""
    now = await runtime.now()
    async with runtime.reading() as connection:
        due = await permits.given_up(connection, now, BATCH)
    if not due:
        return 0
    async with runtime.transaction(customers={ref for _, ref in due}, skip_locked=True) as tx:
        found = await permits.permits_of(tx.connection, [key for key, ref in due if ref in tx.customers])
        late = [permit for permit in found if permit.state is PermitState.OPEN]
        ends = [
            (
                permit,
                attempts.not_attempted(NotAttempted.LATE if permit.channel in MESSAGES else NotAttempted.UNCLAIMED),
            )
            for permit in late
        ]
        return await attempts.close_all(tx, ends)


async def tell_idle_interviews(runtime: Runtime) -> int:
    """10 minutes without an answer: what was heard so far is told, and the interview stays open."""
    now = await runtime.now()
    async with runtime.reading() as connection:
        due = await interviews.idle(connection, now, BATCH)
    if not due:
        return 0
    told = 0
    async with runtime.transaction(customers={ref for _, ref in due}, skip_locked=True) as tx:
        for callback_id, ref in due:
            if ref in tx.customers and await interviews.still_idle(tx.connection, callback_id, tx.now):
                interview = await recording.interview_of(tx.connection, tx.vault, callback_id)
                if interview is not None:
                    await telling.conclude(tx, interview, final=False)
                    told += 1
    return told


async def expire_links(runtime: Runtime) -> int:
    """A dead link; answers that nothing can continue are told for the last time."""
    now = await runtime.now()
    async with runtime.reading() as connection:
        due = await links.past_expiry(connection, now, BATCH)
    if not due:
        return 0
    async with runtime.transaction(customers={ref for _, ref in due}, skip_locked=True) as tx:
        held = [code_hash for code_hash, ref in due if ref in tx.customers]
        expired = await links.expire(tx.connection, held, tx.now)
        await telling.finish(tx, expired)
        return len(held)


LOOPS = (
    Loop("given-up-permits", give_up_permits, _EVERY, permits.next_given_up),
    Loop("idle-interviews", tell_idle_interviews, _EVERY, interviews.next_idle),
    Loop("link-expiry", expire_links, _EVERY, links.next_expiry),
)
