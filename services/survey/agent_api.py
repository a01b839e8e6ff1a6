"""JSON doors of the agent: queue, lease, call, wrap-up. An agent acts only on the callback in their own hand."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from chassis.access.audit import record
from chassis.access.person import Person
from chassis.access.roles import Role
from chassis.web.i18n import N_, speech
from chassis.web.i18n import gettext as _
from chassis.web.pages import runtime_of, signed_in
from chassis.web.problems import Problem
from chassis.web.router import GuardedRouter, roles
from contracts.vocabulary import AgreedAgent
from services.survey import calling, closing, conversation, waiting
from services.survey.agent_models import (
    AnswerIn,
    AnswersIn,
    CallState,
    DialledOut,
    LeaseOut,
    MarksIn,
    PromisedOut,
    PromiseIn,
    QueueOut,
    SheetOut,
    WrappedUpOut,
    WrapUpIn,
)
from services.survey.agent_views import call_state, sheet_out
from services.survey.conversation import Said, State, Wish
from services.survey.departments import DEPARTMENTS, PROBLEM_TYPES
from services.survey.interview import Given, Marks, Step
from services.survey.pages.refusals import agent_of, refusals
from services.survey.sheet import sheet_of
from services.survey.wrapup import Closing

AGENTS = roles(Role.AGENT, Role.SENIOR_AGENT)
_NOT_KNOWN = N_("没有这个代码")

Signed = Annotated[Person, Depends(signed_in)]
Limit = Annotated[int, Query(ge=1, le=200)]

router = GuardedRouter(tags=["agent"])


@router.get("/queue", access=AGENTS)
async def queue(request: Request, person: Signed, limit: Limit = 50) -> QueueOut:
    """What I may claim now and what others hold: reserved for me first, then priority, then end of the window."""
    listed = await waiting.listed(runtime_of(request), agent_of(person), limit=limit)
    return waiting.queue_out(listed, speech.get().language)


@router.get("/callbacks/{callback_id}", access=roles(Role.AGENT, Role.SENIOR_AGENT, Role.SUPERVISOR))
async def sheet(request: Request, person: Signed, callback_id: str) -> SheetOut:
    """The sheet of the callback in my hand; supervisors see every one. The number is masked."""
    runtime = runtime_of(request)
    with refusals():
        found = await sheet_of(runtime, callback_id)
        if person.role is not Role.SUPERVISOR:
            found.demand_held_by(agent_of(person))
    return sheet_out(found, await runtime.now(), speech.get().language)


@router.post("/callbacks/{callback_id}/claim", access=AGENTS)
async def claim(request: Request, person: Signed, callback_id: str) -> SheetOut:
    """Exactly one agent gets it; one callback per agent, none while a wrap-up waits."""
    with refusals():
        await calling.claim(runtime_of(request), agent_of(person), callback_id)
    return await sheet(request, person, callback_id)


@router.post("/callbacks/{callback_id}/release", access=AGENTS, status_code=204)
async def release(request: Request, person: Signed, callback_id: str) -> Response:
    """Back to the queue, before dialling."""
    with refusals():
        await calling.release(runtime_of(request), agent_of(person), callback_id)
    return Response(status_code=204)


@router.post("/callbacks/{callback_id}/heartbeat", access=AGENTS)
async def heartbeat(request: Request, person: Signed, callback_id: str) -> LeaseOut:
    with refusals():
        return LeaseOut.model_validate(await calling.heartbeat(runtime_of(request), agent_of(person), callback_id))


@router.post("/callbacks/{callback_id}/dial", access=AGENTS)
async def dial(request: Request, person: Signed, callback_id: str) -> DialledOut:
    """Gives the number to dial; the disclosure is audited."""
    runtime = runtime_of(request)
    with refusals():
        dialled = await calling.dial(runtime, agent_of(person), callback_id)
    async with runtime.reading() as connection:
        await record(connection, person, action="number dialled", subject=f"callback:{callback_id}")
    return DialledOut(phone=dialled.phone, placed=dialled.placed, lease=LeaseOut.model_validate(dialled.lease))


@router.post("/callbacks/{callback_id}/connected", access=AGENTS)
async def connected(request: Request, person: Signed, callback_id: str) -> CallState:
    with refusals():
        return state_out(await conversation.connected(runtime_of(request), agent_of(person), callback_id))


@router.post("/callbacks/{callback_id}/identity", access=AGENTS)
async def identity(request: Request, person: Signed, callback_id: str) -> CallState:
    """The customer is the one we mean."""
    with refusals():
        return state_out(await conversation.confirm_identity(runtime_of(request), agent_of(person), callback_id))


@router.post("/callbacks/{callback_id}/consent", access=AGENTS)
async def consent(request: Request, person: Signed, callback_id: str) -> CallState:
    with refusals():
        return state_out(await conversation.consent(runtime_of(request), agent_of(person), callback_id))


@router.put("/callbacks/{callback_id}/answers/{part_id}/{question_id}", access=AGENTS)
async def answer(
    request: Request, person: Signed, callback_id: str, part_id: str, question_id: str, body: AnswerIn
) -> CallState:
    """Stored when this returns; a later answer to the same question replaces it."""
    return await _answers(request, person, callback_id, [Said(part_id, question_id, _given(body))])


@router.put("/callbacks/{callback_id}/answers", access=AGENTS)
async def answers(request: Request, person: Signed, callback_id: str, body: AnswersIn) -> CallState:
    """Several at once, in this order, all or none: what a page kept while the network was down."""
    said = [Said(one.part_id, one.question_id, _given(one)) for one in body.answers]
    return await _answers(request, person, callback_id, said)


@router.put("/callbacks/{callback_id}/marks", access=AGENTS)
async def marks(request: Request, person: Signed, callback_id: str, body: MarksIn) -> CallState:
    """Replaces what was noted before."""
    _demand_known("problem_type", body.problem_type, PROBLEM_TYPES)
    noted = Marks(mood=body.mood, negative_remarks=body.negative_remarks, problem_type=body.problem_type)
    with refusals():
        return state_out(await conversation.mark(runtime_of(request), agent_of(person), callback_id, noted))


@router.post("/callbacks/{callback_id}/promises", access=AGENTS)
async def promises(request: Request, person: Signed, callback_id: str, body: PromiseIn) -> PromisedOut:
    """What, who, by when; the same `key` again is the same promise."""
    _demand_known("department", body.department, DEPARTMENTS)
    wish = Wish(body.what, body.department, body.workdays, part_id=body.part_id, key=body.key, kind=body.kind)
    with refusals():
        made = await conversation.promise(runtime_of(request), agent_of(person), callback_id, wish)
    return PromisedOut(promise_id=made.promise_id, due_at=made.due_at)


@router.post("/callbacks/{callback_id}/hangup", access=AGENTS)
async def hangup(request: Request, person: Signed, callback_id: str) -> CallState:
    with refusals():
        return state_out(await conversation.hang_up(runtime_of(request), agent_of(person), callback_id))


@router.post("/callbacks/{callback_id}/wrapup", access=AGENTS)
async def wrapup(request: Request, person: Signed, callback_id: str, body: WrapUpIn) -> WrappedUpOut:
    """The end of the call; a disposition that the facts forbid is refused with the reason. Hangs up when needed."""
    said = Closing(
        disposition=body.disposition,
        agreed_at=body.agreed_at,
        own_agent=body.agreed_agent is AgreedAgent.OWN,
        online_consented=body.online_consented,
        online_channel=body.online_channel,
    )
    runtime = runtime_of(request)
    with refusals():
        await closing.wrap_up(runtime, agent_of(person), callback_id, said)
    return WrappedUpOut(disposition=body.disposition, closed_at=await runtime.now())


async def _answers(request: Request, person: Person, callback_id: str, said: list[Said]) -> CallState:
    with refusals():
        state = await conversation.answer(runtime_of(request), agent_of(person), callback_id, said)
    last = said[-1]
    steps = state.interview.steps()
    step = next((step for step in steps if (step.part_id, step.question.id) == (last.part_id, last.question_id)), None)
    return state_out(state, step)


def state_out(state: State, last: Step | None = None) -> CallState:
    return call_state(state.lease, state.interview, state.at, last=last, language=speech.get().language)


def _given(body: AnswerIn) -> Given:
    return Given(value=body.value, text=body.text, state=body.state, elapsed_ms=body.elapsed_ms)


def _demand_known(field: str, code: str | None, known: dict[str, str]) -> None:
    if code is not None and code not in known:
        errors = [{"field": field, "rule": "must be one of " + ", ".join(known)}]
        raise Problem(422, _("有些内容不符合要求"), _(_NOT_KNOWN), errors=errors)
