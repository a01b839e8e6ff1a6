"""What each topic does to the read model. Every handler may run twice for one event; the second run changes nothing."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

import asyncpg

from chassis.runtime import Handle, Received, Subscription
from chassis.transaction import Transaction
from contracts.envelope import Event
from contracts.events.followup import CaseChanged, ImprovementChanged, PromiseChanged
from contracts.events.scheduler import (
    CallbackClosed,
    CustomerErased,
    SamplingPeriodClosed,
    SamplingPeriodOpened,
    ServiceAccepted,
)
from contracts.events.survey import AttemptClosed, ResponseRecorded, ResponseVoided
from contracts.events.tagging import CustomerTagged, ResponseTagged
from services.reporting.store import answers, periods, projection, verbatims
from services.reporting.verifying import withdraw_for

E = TypeVar("E")
Write = Callable[[asyncpg.Connection, Sequence[Any]], Awaitable[None]]


def newest(events: Iterable[E], *, key: Callable[[E], str], rank: Callable[[E], Any]) -> list[E]:
    """One event per key, the one of the highest rank (of equals the first), in the order of the keys.

    A statement can not touch a row twice, and writers that take rows in one order never wait for each other in a ring.
    """
    kept: dict[str, E] = {}
    for event in events:
        known = kept.get(key(event))
        if known is None or rank(event) > rank(known):
            kept[key(event)] = event
    return [kept[name] for name in sorted(kept)]


def _projection(write: Write, key: str, rank: Callable[[Any], Any], *, notes: bool = False) -> Handle:
    """`notes`: `write` notes the months that it changes itself."""

    async def handle(tx: Transaction, batch: Sequence[Received]) -> None:
        events = newest((received.event for received in batch), key=lambda event: getattr(event, key), rank=rank)
        await write(tx.connection, events)
        if not notes:
            await projection.note_changes(tx.connection, [event.completion_ref for event in events])

    return handle


def _whole(write: Write) -> Handle:
    async def handle(tx: Transaction, batch: Sequence[Received]) -> None:
        await write(tx.connection, [received.event for received in batch])

    return handle


_case_changed = _projection(projection.change_cases, "case_id", lambda event: event.revision)


async def cases_changed(tx: Transaction, batch: Sequence[Received]) -> None:
    """The newest revision is the case; every revision tells when a step was taken."""
    await projection.note_steps(tx.connection, [received.event for received in batch])
    await _case_changed(tx, batch)


_response_voided = _projection(answers.void_responses, "response_id", lambda _event: 0)


async def responses_voided(tx: Transaction, batch: Sequence[Received]) -> None:
    await _response_voided(tx, batch)
    await withdraw_for(tx, [received.event.response_id for received in batch])


async def _record_responses(connection: asyncpg.Connection, events: Sequence[ResponseRecorded]) -> None:
    await answers.record_responses(connection, events)
    await verbatims.record_texts(connection, events)


def _first(_event: Any) -> int:
    return 0


def _revision(event: Any) -> int:
    revision: int = event.revision
    return revision


_HANDLES: dict[type[Event], Handle] = {
    ServiceAccepted: _projection(
        projection.accept_completions, "completion_ref", lambda event: event.accepted_at, notes=True
    ),
    SamplingPeriodOpened: _whole(periods.open_periods),
    SamplingPeriodClosed: _whole(periods.close_periods),
    AttemptClosed: _projection(projection.close_attempts, "attempt_id", _first, notes=True),
    CallbackClosed: _projection(projection.close_callbacks, "callback_id", _first, notes=True),
    ResponseRecorded: _projection(_record_responses, "response_id", _revision, notes=True),
    ResponseVoided: responses_voided,
    ResponseTagged: _projection(
        answers.tag_responses, "response_id", lambda event: (event.revision, event.tagging_revision), notes=True
    ),
    CustomerTagged: _projection(answers.tag_customers, "customer_ref", _revision, notes=True),
    CaseChanged: cases_changed,
    PromiseChanged: _projection(projection.change_promises, "promise_id", _revision),
    ImprovementChanged: _projection(projection.change_improvements, "improvement_id", _revision, notes=True),
    CustomerErased: _projection(projection.erase_customers, "customer_ref", _first, notes=True),
}

SUBSCRIPTIONS = tuple(Subscription(model, handle) for model, handle in _HANDLES.items())
