"""What survey tells of its contacts: the end of a permit, and what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.runtime import Received
from chassis.transaction import Transaction
from contracts.events.survey import AttemptClosed, ResponseRecorded
from contracts.vocabulary import Channel, Disposition, Purpose, ResponseStatus
from services.scheduler.callback import Callback, PermitState
from services.scheduler.course import Course
from services.scheduler.handlers.following import follow
from services.scheduler.handlers.in_force import rules_in_force
from services.scheduler.handlers.waves import waves
from services.scheduler.store import answered, callbacks, permits, stories
from services.scheduler.store.stories import StoryRow

_SPOKEN = {
    Disposition.COMPLETE, Disposition.PARTIAL, Disposition.BREAK_OFF, Disposition.REFUSAL, Disposition.APPOINTMENT,
}  # fmt: skip


async def attempts_closed(tx: Transaction, received: Sequence[Received]) -> None:
    """Each permit ends once; an attempt told again, or about a closed callback, plans nothing."""
    events: list[AttemptClosed] = [one.event for one in received]
    for wave in waves(events, lambda event: event.callback_id):
        await _attempts(tx, wave)


async def responses_recorded(tx: Transaction, received: Sequence[Received]) -> None:
    events: list[ResponseRecorded] = [one.event for one in received]
    await stories.tell(tx.connection, [_story(event) for event in events])
    for wave in waves(events, lambda event: event.completion_ref):
        await _responses(tx, wave)


async def _attempts(tx: Transaction, events: Sequence[AttemptClosed]) -> None:
    rules = await rules_in_force(tx)
    course = Course(rules, tx.now)
    ended = await permits.end(tx.connection, events)
    fresh = [event for event in events if (event.callback_id, event.permit_no) in ended]
    tried = [(e.callback_id, _started(e)) for e in fresh if e.disposition is not Disposition.NOT_ATTEMPTED]
    await callbacks.note_tried(tx.connection, tried)
    known = await callbacks.load(tx.connection, [event.callback_id for event in fresh])
    await answered.count(tx.connection, [call for event in fresh for call in _answered(event, known)])
    steps = []
    for event in fresh:
        callback = known[event.callback_id]
        if callback.is_open and not _waits_for_another(callback, event):
            steps.append((callback, course.after_attempt(callback, event)))
    await follow(tx, rules, steps)


async def _responses(tx: Transaction, events: Sequence[ResponseRecorded]) -> None:
    rules = await rules_in_force(tx)
    course = Course(rules, tx.now)
    by_completion = await callbacks.survey_of_completions(
        tx.connection, [e.completion_ref for e in events if e.callback_id is None and e.purpose is Purpose.SURVEY]
    )
    targets = [(e, e.callback_id or by_completion.get(e.completion_ref)) for e in events]
    known = await callbacks.load(tx.connection, [target for _, target in targets if target])
    met = [(event, known[target]) for event, target in targets if target in known]
    heard = [(event, _with_answer(callback, event)) for event, callback in met if callback.is_open]
    await callbacks.note_heard(tx.connection, [_heard_row(event, callback) for event, callback in heard])
    steps = [(callback, course.after_response(callback, event)) for event, callback in heard]
    await follow(tx, rules, [(callback, step) for callback, step in steps if step is not None])


def _waits_for_another(callback: Callback, event: AttemptClosed) -> bool:
    """A permit given back while another one is still out changes nothing: its end will decide."""
    others = [p for p in callback.permits if p.permit_no != event.permit_no and p.state is not PermitState.ENDED]
    return bool(others) and event.disposition is Disposition.NOT_ATTEMPTED


def _answered(event: AttemptClosed, known: Mapping[str, Callback]) -> list[tuple[str, int]]:
    """(customer, hour of their clock) of a call that somebody answered."""
    if event.channel is not Channel.PHONE or event.disposition not in _SPOKEN:
        return []
    callback = known[event.callback_id]
    return [(callback.customer_ref, _started(event).astimezone(ZoneInfo(callback.zone)).hour)]


def _started(event: AttemptClosed) -> datetime:
    return event.started_at or event.connected_at or event.ended_at


def _with_answer(callback: Callback, event: ResponseRecorded) -> Callback:
    """The part that was answered: the one named, for an import the survey part."""
    part_id = _part_of(callback, event)
    parts = tuple(
        replace(part, response_id=event.response_id, heard=event.status if event.final else part.heard)
        if part.part_id == part_id
        else part
        for part in callback.parts
    )
    return replace(callback, parts=parts)


def _part_of(callback: Callback, event: ResponseRecorded) -> str | None:
    named = [part.part_id for part in callback.parts if part.part_id == event.part_id]
    same_purpose = [part.part_id for part in callback.parts if part.purpose is event.purpose]
    return next(iter(named or same_purpose), None)


def _heard_row(event: ResponseRecorded, callback: Callback) -> tuple[str, str, str, str | None]:
    status: ResponseStatus | None = event.status if event.final else None
    return callback.callback_id, _part_of(callback, event) or "", event.response_id, status


def _story(event: ResponseRecorded) -> StoryRow:
    return StoryRow(
        completion_ref=event.completion_ref,
        kind="response",
        subject=event.response_id,
        revision=event.revision,
        at=event.recorded_at,
        detail={
            "status": event.status,
            "final": event.final,
            "purpose": event.purpose,
            "round": event.round,
            "channel": event.channel,
        },
    )
