"""What happens while an agent talks: connected, identity, consent, answers, marks, promises, hang-up.

Each step is stored before it returns; `Refused` names the step that is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.runtime import Runtime
from chassis.transaction import Transaction
from chassis.workdays import calendar
from contracts.vocabulary import PromiseId
from services.survey import promises, recording, telling
from services.survey.calling import Call, held_call
from services.survey.interview import Given, Interview, InvalidAnswer, Marks
from services.survey.leases import Agent, Lease, LeaseState, Refusal, Refused, wrap_up_until
from services.survey.promises import Promise, PromiseKind
from services.survey.store import agent_calls, leases


@dataclass(frozen=True)
class State:
    """How the call stands after a step."""

    lease: Lease
    interview: Interview
    at: datetime


@dataclass(frozen=True)
class Said:
    """One answer as it came in."""

    part_id: str
    question_id: str
    given: Given


@dataclass(frozen=True)
class Wish:
    """A promise as the agent words it; `key` tells it from the others of this callback."""

    what: str
    department: str
    workdays: int
    part_id: str | None = None
    key: str | None = None
    kind: PromiseKind = PromiseKind.PROMISE


@dataclass(frozen=True)
class Promised:
    promise_id: PromiseId
    due_at: datetime


async def connected(runtime: Runtime, agent: Agent, callback_id: str) -> State:
    async with held_call(runtime, agent, callback_id) as call:
        call.lease.demand(LeaseState.DIALLED)
        await recording.connected(call.tx, callback_id, call.tx.now)
        return await _state(call)


async def opened(runtime: Runtime, agent: Agent, callback_id: str) -> State:
    """The opening has been read to the customer; its length counts from the connection."""
    async with held_call(runtime, agent, callback_id) as call:
        call.lease.demand(LeaseState.DIALLED)
        _demand_connected(await interview_in(call))
        await recording.opened(call.tx, callback_id)
        return await _state(call)


async def confirm_identity(runtime: Runtime, agent: Agent, callback_id: str) -> State:
    async with held_call(runtime, agent, callback_id) as call:
        call.lease.demand(LeaseState.DIALLED)
        _demand_connected(await interview_in(call))
        await recording.opened(call.tx, callback_id)  # whoever said who they are has heard it
        await recording.confirmed_identity(call.tx, callback_id)
        return await _state(call)


async def consent(runtime: Runtime, agent: Agent, callback_id: str) -> State:
    async with held_call(runtime, agent, callback_id) as call:
        call.lease.demand(LeaseState.DIALLED)
        _demand_identity(await interview_in(call))
        await recording.consented(call.tx, callback_id)
        return await _state(call)


async def answer(runtime: Runtime, agent: Agent, callback_id: str, said: Sequence[Said]) -> State:
    """In this order, all or none. Possible until the wrap-up is saved. Raises `InvalidAnswer`, `InterviewOver`."""
    async with held_call(runtime, agent, callback_id) as call:
        interview = await _talked(call)
        if interview.consent_at is None:
            raise Refused(Refusal.NO_CONSENT)
        for one in said:
            asked = {(step.part_id, step.question.id) for step in interview.steps()}
            if (one.part_id, one.question_id) not in asked:
                raise InvalidAnswer(one.question_id, "is not asked here")
            interview = await recording.answer(call.tx, interview, one.part_id, one.question_id, one.given)
        await agent_calls.note_answer(call.tx.connection, (callback_id, call.lease.permit_no), call.tx.now)
        return State(call.lease, interview, call.tx.now)


async def mark(runtime: Runtime, agent: Agent, callback_id: str, marks: Marks) -> State:
    async with held_call(runtime, agent, callback_id) as call:
        interview = await recording.mark(call.tx, await _talked(call), marks)
        return State(call.lease, interview, call.tx.now)


async def promise(runtime: Runtime, agent: Agent, callback_id: str, wish: Wish) -> Promised:
    """The due time is counted in working days of the operator's calendar from now."""
    async with held_call(runtime, agent, callback_id) as call:
        interview = await _talked(call)
        _demand_identity(interview)
        made = await promises.promises_of(call.tx.connection, call.tx.vault, callback_id)
        part_id = wish.part_id or interview.parts[0].part.part_id
        key = wish.key or str(len(made) + 1)
        due_at = promised_for(runtime, call.tx.now, wish.workdays)
        identifier = await promises.make(
            call.tx,
            interview,
            part_id,
            Promise(key, wish.what, wish.department, due_at, by=agent.login, kind=wish.kind),
        )
        known = {one.promise_id: one.due_at for one in made}
    return Promised(identifier, known.get(identifier, due_at))


def promised_for(runtime: Runtime, now: datetime, workdays: int) -> datetime:
    settings = runtime.settings
    days = calendar(settings.calendar_country, settings.calendar_overrides)
    return days.add_workdays(now, workdays, ZoneInfo(settings.operator_zone))


async def hang_up(runtime: Runtime, agent: Agent, callback_id: str) -> State:
    """Tells what was heard so far; the record waits for its wrap-up."""
    async with held_call(runtime, agent, callback_id) as call:
        call.lease.demand(LeaseState.DIALLED)
        interview = await interview_in(call)
        return State(await hung_up(call.tx, call.lease, interview), interview, call.tx.now)


async def hung_up(tx: Transaction, lease: Lease, interview: Interview) -> Lease:
    """Of a dialled call: its wrap-up begins now."""
    due_at = wrap_up_until(tx.now)
    await leases.set_hung_up(tx.connection, lease, now=tx.now, due_at=due_at)
    if interview.consent_at is not None and interview.ended_at is None:
        await telling.conclude(tx, interview, final=False)
    return replace(lease, state=LeaseState.WRAP_UP, hung_up_at=tx.now, due_at=due_at)


async def interview_in(call: Call) -> Interview:
    """The interview of a dialled call. Raises `Refused` before dialling."""
    if call.lease.state is LeaseState.CLAIMED:
        raise Refused(Refusal.NOT_DIALLED)
    interview = await recording.interview_of(call.tx.connection, call.tx.vault, call.lease.callback_id)
    if interview is None:
        raise Refused(Refusal.NOT_DIALLED)
    return interview


async def _talked(call: Call) -> Interview:
    """The interview of a call that was connected, while it lasts and during its wrap-up."""
    interview = await interview_in(call)
    _demand_connected(interview)
    return interview


async def _state(call: Call) -> State:
    return State(call.lease, await interview_in(call), call.tx.now)


def _demand_connected(interview: Interview) -> None:
    if interview.connected_at is None:
        raise Refused(Refusal.NOT_CONNECTED)


def _demand_identity(interview: Interview) -> None:
    _demand_connected(interview)
    if interview.identity_at is None:
        raise Refused(Refusal.NO_IDENTITY)
