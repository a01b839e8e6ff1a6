"""The end of a call: the agent's wrap-up, or time."""

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from contracts.vocabulary import AgreedAgent, Channel, Disposition
from services.survey import attempts, optout, recording, telling, wrapup
from services.survey.attempts import Ending
from services.survey.calling import Call, give_back, held_call
from services.survey.conversation import interview_in
from services.survey.interview import Interview
from services.survey.leases import Agent, Lease, LeaseState, Refusal, Refused
from services.survey.permits import link_ways
from services.survey.store import leases, permits, queue
from services.survey.wrapup import Closing

REFUSED = "客户拒访，建议线上渠道跟进"  # requirement SV4: the words of the record


async def wrap_up(runtime: Runtime, agent: Agent, callback_id: str, closing: Closing) -> None:
    """Ends the permit exactly once and frees the agent. Before hang-up it hangs up as well. Raises `Impossible`."""
    others, indexes = await _affected(runtime, callback_id, closing)
    async with held_call(runtime, agent, callback_id, contacts=indexes, customers=others) as call:
        interview = await interview_in(call)
        wrapup.check(closing, interview, now=call.tx.now, zone=call.permit.zone)
        wrapup.check_link(closing, link_ways(call.permit, by_text=bool(runtime.settings.sms_url)))
        await _tell(call, interview, closing)
        if closing.disposition is Disposition.OPTED_OUT:
            await optout.stop_contacts(call.tx, call.permit, channel=Channel.PHONE)
        await attempts.close(call.tx, call.permit, _ending(call, interview, closing))
        await leases.delete(call.tx.connection, call.lease)


async def time_over(tx: Transaction, lease: Lease) -> None:
    """What becomes of a lease whose time is over: back to the queue, or break-off without a wrap-up."""
    if lease.state is LeaseState.CLAIMED:
        await give_back(tx, lease)
        return
    permit = await permits.permit_of(tx.connection, lease.callback_id, lease.permit_no)
    interview = await recording.interview_of(tx.connection, tx.vault, lease.callback_id)
    if permit is not None and interview is not None:
        if interview.connected_at is not None and interview.ended_at is None:
            await telling.conclude(tx, interview, final=True)
        ending = Ending(
            disposition=Disposition.BREAK_OFF,
            started_at=lease.dialled_at,
            connected_at=interview.connected_at,
            ended_at=lease.hung_up_at,
            agent=lease.agent,
            wrapup_missing=True,
        )
        await attempts.close(tx, permit, ending)
    await leases.delete(tx.connection, lease)


async def _affected(runtime: Runtime, callback_id: str, closing: Closing) -> tuple[set[str], tuple[str, ...]]:
    """Customers and indexes to lock for an opt-out; none otherwise."""
    if closing.disposition is not Disposition.OPTED_OUT:
        return set(), ()
    async with runtime.reading() as connection:
        permit = await queue.claimable(connection, callback_id)
        if permit is None:
            raise Refused(Refusal.GONE)
        return await optout.affected(connection, permit.indexes), permit.indexes


async def _tell(call: Call, interview: Interview, closing: Closing) -> None:
    """Answers of a customer who was reached; one who answered online meanwhile was told already."""
    reached = closing.disposition in wrapup.REACHED
    if reached and interview.ended_at is None:
        await telling.conclude(call.tx, interview, final=closing.final)


def _ending(call: Call, interview: Interview, closing: Closing) -> Ending:
    takes_link = closing.online_consented and closing.disposition is Disposition.REFUSAL
    agreed = closing.agreed_at if closing.disposition is Disposition.APPOINTMENT else None
    return Ending(
        disposition=closing.disposition,
        detail=REFUSED if closing.disposition is Disposition.REFUSAL else None,
        started_at=call.lease.dialled_at,
        connected_at=interview.connected_at,
        ended_at=call.lease.hung_up_at,
        agent=call.lease.agent,
        agreed_at=agreed,
        agreed_agent=None if agreed is None else (AgreedAgent.OWN if closing.own_agent else AgreedAgent.ANY),
        online_consented=takes_link,
        online_channel=closing.online_channel if takes_link else None,
    )
