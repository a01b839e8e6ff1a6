"""Records that no contact of ours brought: of a service that was not drawn, answered already, or closed unanswered.

Each has a callback of its own, without a permit: nobody is ever contacted by it, and scheduler knows nothing of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from chassis.vault import scope_of
from contracts.events.parts import About, CallbackPart
from contracts.ids import named_id
from contracts.vocabulary import CallbackId, CompletionRef, CustomerRef, Purpose, Scenario, Sealed, Verdict
from services.survey.interview import Callback
from services.survey.questionnaire import Questionnaire
from services.survey.store import callbacks
from services.survey.store.completions import Completion


@dataclass(frozen=True)
class Place:
    """The newest round in which a service is asked for a purpose, by which questionnaire, and what it is about."""

    round: int
    questionnaire: str
    in_design: bool
    about: About | None = None


async def place_of(
    connection: asyncpg.Connection, services: Iterable[tuple[str, str]], purpose: Purpose
) -> dict[str, Place]:
    """By service id; services that nobody was to be called about have none."""
    found: dict[str, Place] = {}
    for callback in await callbacks.of_services(connection, services):
        for part in callback.parts:
            known = found.get(callback.service_id)
            if part.purpose is purpose and (known is None or part.round > known.round):
                found[callback.service_id] = Place(part.round, part.questionnaire, callback.in_design, part.about)
    return found


def own_callback(completion: Completion, asked: Questionnaire, place: Place | None, *, name: str) -> Callback:
    """`name` tells this record from others of the service."""
    drawn = completion.verdict is Verdict.SELECTED
    assert completion.scenario is not None, "a rejected service has no records"  # noqa: S101
    return Callback(
        callback_id=CallbackId(named_id("own record", completion.completion_ref, name)),
        customer_ref=CustomerRef(completion.customer_ref),
        completion_ref=CompletionRef(completion.completion_ref),
        source=completion.source,
        service_id=completion.service_id,
        scenario=Scenario(completion.scenario),
        month=scope_of(completion.context),
        parts=(
            CallbackPart(
                part_id="p1",
                purpose=asked.purpose,
                round=1 if place is None else place.round,
                questionnaire=asked.id,
                about=None if place is None else place.about,
            ),
        ),
        in_design=drawn if place is None else place.in_design,
        context=Sealed(completion.context),
        narrative=None if completion.narrative is None else Sealed(completion.narrative),
    )
