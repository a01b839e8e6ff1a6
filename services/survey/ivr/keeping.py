"""What a rating call stores, each step in a transaction of its own, in the order in which it happens.

Answers go the way of every other channel; the rating is told before its tune is played.
"""

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from services.survey import recording, telling
from services.survey.conversation import promised_for
from services.survey.interview import Given, Interview
from services.survey.ivr import events
from services.survey.ivr.menu import Menu
from services.survey.promises import Promise, make
from services.survey.store import rating_calls
from services.survey.store.rating_calls import RatingCall

_DEPARTMENT = "service_desk"
_PROMISED = "客户按键评分较低，转接人工未接通，请尽快回电。"


class Gone(Exception):
    """The call has its end, or its customer's data is erased."""


async def answered(runtime: Runtime, call: RatingCall) -> Interview:
    """Raises `Gone`."""
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        await recording.connected(tx, call.callback_id, tx.now)
        await rating_calls.note(tx.connection, call.key, "answered", tx.now)
        return await _interview(tx, call)


async def keep_press(runtime: Runtime, call: RatingCall, press: events.KeepPress, menu: Menu) -> None:
    """The key as it was pressed, with the version of the prompt that it follows."""
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        interview = await _interview(tx, call)
        month, ref = interview.callback.month, call.customer_ref
        said: dict[str, object] = {"digit": press.digit.value}
        if press.place is not None:
            plan = menu.plans[press.place.part_id]
            said |= {
                "part_id": press.place.part_id,
                "question_id": press.place.question_id,
                "questionnaire": plan.questionnaire,
                "version": plan.version,
            }
        keys = await tx.vault.keyring(facts=[month])
        sealed = keys.seal_facts(month, ref, "key_press", said)
        await rating_calls.insert_press(
            tx.connection, call.key, press.number, customer_ref=ref, sealed=sealed, at=tx.now
        )


async def record(runtime: Runtime, call: RatingCall, asked: events.Record, menu: Menu) -> Interview:
    """Commits one answer. A rating that ends the questions is told here, for good: nothing is asked after its tune."""
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        interview = await _interview(tx, call)
        if interview.consent_at is None:  # whoever answers has agreed to
            await recording.consented(tx, call.callback_id)
        given = Given(asked.pressed.value)
        changed = await recording.answer(tx, interview, asked.place.part_id, asked.place.question_id, given)
        if asked.place == menu.rating and not menu.ending_of(changed).goes_on:
            await telling.conclude(tx, changed, final=True)
        return changed


async def begin_tune(runtime: Runtime, call: RatingCall, tune: str, pilot: str | None) -> bool:
    """`pilot`: in which it was drawn by chance. False: a tune was begun in this call before, and none is played."""
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        return await rating_calls.begin_tune(tx.connection, call.key, tune, pilot=pilot, at=tx.now)


async def end_tune(runtime: Runtime, call: RatingCall, how: events.TuneEnd) -> None:
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        await rating_calls.end_tune(tx.connection, call.key, how, tx.now)


async def note_agent(runtime: Runtime, call: RatingCall, moment: str) -> None:
    """`moment`: agent_called or agent_answered."""
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        await rating_calls.note(tx.connection, call.key, moment, tx.now)


async def promise_call(runtime: Runtime, call: RatingCall, menu: Menu) -> None:
    """Somebody calls back in the time that the questionnaire promises."""
    async with runtime.transaction(customers=[call.customer_ref]) as tx:
        interview = await _interview(tx, call)
        part_id = menu.rating.part_id if menu.rating else interview.parts[0].part.part_id
        days = interview.part(part_id).questionnaire.answer_within_workdays
        due_at = promised_for(runtime, tx.now, days)
        wish = Promise(f"transfer-{call.permit_no}", _PROMISED, _DEPARTMENT, due_at, by="ivr")
        await make(tx, interview, part_id, wish)


async def _interview(tx: Transaction, call: RatingCall) -> Interview:
    interview = await recording.interview_of(tx.connection, tx.vault, call.callback_id)
    if interview is None or interview.permit_no != call.permit_no:
        raise Gone(call.callback_id)
    return interview
