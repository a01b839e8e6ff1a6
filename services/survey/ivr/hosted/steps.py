"""One step of a call at a hosted provider, answered once: asked for again, it gets the same answer."""

import asyncio
from dataclasses import dataclass, replace

import structlog

from chassis.errors import is_transient
from chassis.runtime import Runtime
from services.survey import recording
from services.survey.interview import Interview
from services.survey.ivr import events
from services.survey.ivr.hosted.document import OVER, Document, HangUp, Told
from services.survey.ivr.hosted.provider import Provider
from services.survey.ivr.hosted.rest import Rest, resting, woken
from services.survey.ivr.hosted.settings import Hosted
from services.survey.ivr.hosted.turn import Turn
from services.survey.ivr.menu import HOUSE_LINES, menu_of
from services.survey.ivr.sounds import prompt_file
from services.survey.ivr.state import Phase, State
from services.survey.ivr.storing import kept
from services.survey.metrics import RATINGS_NOT_STORED
from services.survey.store import hosted_steps, permits, rating_calls
from services.survey.store.rating_calls import RatingCall

log = structlog.get_logger(__name__)
WAIT_SECONDS = 6.0
"""For the answer that another process is giving; longer than it waits for a commit. Then that process is given up."""
_FIELD = "hosted_step"


@dataclass(frozen=True)
class Line:
    """Our side of one provider. `base`: the address below which it asks us."""

    runtime: Runtime
    settings: Hosted
    provider: Provider
    base: str

    def step(self, channel: str, step: int) -> str:
        return f"{self.base}/{channel}/{step}"

    def status(self, channel: str) -> str:
        return f"{self.base}/{channel}/status"

    def neutral(self) -> bytes:
        """Nothing is known of this call, or nothing can be stored: it is ended kindly."""
        language = self.runtime.settings.language
        file = prompt_file(HOUSE_LINES[events.Line.NEUTRAL][language], language)
        return self.provider.rendered(Document((self.settings.sound(file),), HangUp()))


async def answer(line: Line, call: RatingCall, step: int, told: Told) -> bytes:
    """May be asked for the same step many times, at many processes at once: done once, the same answer for all."""
    if call.ended_at is not None:
        return line.provider.rendered(Document((), HangUp()))
    try:
        async with line.runtime.reading() as connection:
            mine = await hosted_steps.claim(connection, call.channel_id, step)
        if not mine and (known := await _given(line, call, step)) is not None:
            return known
        return await _first(line, call, step, told, resumed=not mine)
    except Exception as error:
        if not is_transient(error):
            raise
        RATINGS_NOT_STORED.inc()
        log.warning("a step of a call was not answered: the database is away", error=type(error).__name__)
        return line.neutral()


async def ended(line: Line, call: RatingCall, told: Told) -> None:
    """The provider tells how the call stands. A call that is over gets its end, however often that is told."""
    if call.ended_at is not None:
        return
    if told.parent is not None:
        if told.status == "in-progress":
            async with line.runtime.transaction(customers=[call.customer_ref]) as tx:
                await rating_calls.note(tx.connection, call.key, "agent_answered", tx.now)
        return
    if told.status not in OVER:
        return
    turn = await _turn(line, call)
    talked = turn.state.phase is Phase.TRANSFERRING and call.agent_answered_at is not None
    answered = (events.AgentAnswered(),) if talked else ()
    await turn.take(*answered, events.HungUp(told.cause))


async def _first(line: Line, call: RatingCall, step: int, told: Told, *, resumed: bool) -> bytes:
    """`resumed`: the process that had this step is gone; what is stored of the call decides."""
    turn = await _turn(line, call, known=not resumed)
    if turn.state.phase is not Phase.DIALLING:
        document = await turn.answer(told)
    elif call.answered_at is None:
        document = await turn.take(events.Answered())
    else:
        document = await turn.take(events.Resumed(tune_begun=call.tune_begun_at is not None))
    following, status = line.step(call.channel_id, step + 1), line.status(call.channel_id)
    document = replace(document, following=following, status=status, caller=line.settings.caller_id)
    rendered = line.provider.rendered(document)
    if turn.state.phase is not Phase.OVER:
        await kept("a step of a call", _keep(line, call, step, turn.state, rendered))
    return rendered


async def _turn(line: Line, call: RatingCall, *, known: bool = True) -> Turn:
    """The call as its last step left it; as a new one where that is not `known`, or older than what is stored."""
    runtime = line.runtime
    async with runtime.reading() as connection:
        permit = await permits.permit_of(connection, *call.key)
        interview = await recording.interview_of(connection, runtime.vault, call.callback_id)
        last = await hosted_steps.newest(connection, call.channel_id) if known else None
    assert permit is not None, "a call has its permit"  # noqa: S101
    assert interview is not None, "and its interview"  # noqa: S101
    menu = menu_of(interview, call.language, line.settings.times, can_transfer=line.settings.can_transfer)
    begun = call.tune_begun_at is not None
    state = State(menu, interview, presses=call.presses, connected=call.answered_at is not None, tune_begun=begun)
    if last is not None and last.sealed is not None:
        rest = Rest.model_validate((await _opened(runtime, interview, last.sealed))["rest"])
        at = rest.at
        if at is None or interview.part(at[0]).answers.get(at[1]) is None:
            state = woken(rest, menu, interview)
    return Turn(runtime, line.settings, call, state, skill=permit.skill)


async def _given(line: Line, call: RatingCall, step: int) -> bytes | None:
    """The answer to this step, once it is there. None: whoever had it is gone."""
    runtime, deadline = line.runtime, asyncio.get_running_loop().time() + WAIT_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        async with runtime.reading() as connection:
            known = await hosted_steps.step_of(connection, call.channel_id, step)
            if known is None:  # the call has ended meanwhile
                return line.provider.rendered(Document((), HangUp()))
            if known.sealed is not None:
                interview = await recording.interview_of(connection, runtime.vault, call.callback_id)
                assert interview is not None, "a call has its interview"  # noqa: S101
                return str((await _opened(runtime, interview, known.sealed))["document"]).encode()
        await asyncio.sleep(0.1)
    return None


async def _keep(line: Line, call: RatingCall, step: int, state: State, rendered: bytes) -> None:
    callback = state.interview.callback
    async with line.runtime.transaction(customers=[call.customer_ref]) as tx:
        keys = await tx.vault.keyring(facts=[callback.month])
        content = {"rest": resting(state).model_dump(mode="json"), "document": rendered.decode()}
        sealed = keys.seal_facts(callback.month, call.customer_ref, _FIELD, content)
        await hosted_steps.keep(tx.connection, call.channel_id, step, sealed)


async def _opened(runtime: Runtime, interview: Interview, sealed: str) -> dict[str, object]:
    keys = await runtime.vault.keyring(facts=[interview.callback.month])
    content = keys.open(interview.callback.customer_ref, _FIELD, sealed)
    assert isinstance(content, dict), "facts outlive an erasure"  # noqa: S101
    return content
